"""Options that several commands share."""

from pathlib import Path
from typing import Annotated

import typer

Photos = Annotated[
    list[Path] | None, typer.Argument(metavar="PHOTO...", help="pictures to bring to life")
]
Inbox = Annotated[
    Path | None, typer.Option("--inbox", metavar="DIR", help="take every picture of this folder")
]
LibraryDir = Annotated[
    Path | None,
    typer.Option("--library", metavar="DIR", help="where the frame finds its portraits"),
]
StoreDir = Annotated[
    Path | None,
    typer.Option("--store", metavar="DIR", help="where half-done work is kept for the next run"),
]
RecipeName = Annotated[
    str, typer.Option("--recipe", metavar="NAME|FILE", help="how portraits are made")
]
Changes = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="STAGE.KEY=VALUE", help="change one field of the recipe"),
]
Whom = Annotated[
    str | None,
    typer.Option(
        "--face", metavar="largest|best|all|none|left|right|N", help="who comes alive in a group"
    ),
]
StillLife = Annotated[
    bool,
    typer.Option("--still-life", help="a picture without a face becomes a scene, too"),
]
Turning = Annotated[
    str | None,
    typer.Option("--upright", metavar="auto|keep", help="keep: leave people who lie as they lie"),
]
AsJson = Annotated[bool, typer.Option("--json", help="one JSON document on stdout")]
