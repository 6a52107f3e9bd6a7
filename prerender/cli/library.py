"""`prerender library`: look at and look after the clip library."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from frame_app.base import paths
from frame_app.base.errors import LibraryError, UsageError
from frame_app.cliplib import reader, writer
from prerender.cli.exits import Exit
from prerender.cli.options import AsJson, LibraryDir
from prerender.cli.printing import print_json, print_line

app = typer.Typer(
    name="library",
    help="Look at and look after the clip library.",
    no_args_is_help=True,
    add_completion=False,
)


@app.command("list")
def list_portraits(*, library: LibraryDir = None, as_json: AsJson = False) -> None:
    """List the portraits in the order in which they are shown."""
    root = library or paths.library_dir()
    with reader.open_library(root) as opened:
        rows = [
            {"id": entry.id, "title": entry.title, "folder": entry.folder}
            for entry in opened.entries
        ]
        generation = opened.generation
    if as_json:
        print_json({"schema": 1, "library": str(root), "generation": generation, "portraits": rows})
        return
    table = Table("id", "title", "folder")
    for row in rows:
        table.add_row(*row.values())
    Console().print(table)
    print_line(f"{len(rows)} portraits, generation {generation}, {root}")


@app.command()
def verify(*, library: LibraryDir = None, as_json: AsJson = False) -> None:
    """Read every file and compare it with its hash; exit code 5 if anything is wrong."""
    root = library or paths.library_dir()
    problems = list(reader.verify(root))
    if as_json:
        found = [problem._asdict() for problem in problems]
        print_json({"schema": 1, "library": str(root), "problems": found})
    else:
        for problem in problems:
            print_line(str(problem))
        count = "1 problem" if len(problems) == 1 else f"{len(problems)} problems"
        print_line(f"{count} in {root}" if problems else f"{root} is whole")
    if problems:
        raise typer.Exit(Exit.LIBRARY)


@app.command()
def gc(*, library: LibraryDir = None) -> None:
    """Delete generations and portraits that nothing refers to any more."""
    root = library or paths.library_dir()
    gone = writer.collect(root)
    for path in gone:
        print_line(f"deleted {path}")
    print_line(f"{len(gone)} things deleted from {root}")


@app.command()
def preview(
    portraits: Annotated[
        list[str] | None, typer.Argument(metavar="[ID...]", help="all portraits if none")
    ] = None,
    *,
    library: LibraryDir = None,
    out: Annotated[
        Path, typer.Option("--out", metavar="DIR", help="where the pictures and videos go")
    ] = Path("preview"),
    videos: Annotated[bool, typer.Option(help="also one MP4 per clip over the scene")] = True,
    side_px: Annotated[int, typer.Option("--side", min=64, help="long side of the videos")] = 960,
) -> None:
    """Write a contact sheet of every clip, and each clip over its scene as an MP4."""
    from prerender.media.preview import Size, write_preview  # heavy; list and gc are light

    root = library or paths.library_dir()
    is_whole = True
    with reader.open_library(root) as opened:
        entries = {entry.id: entry for entry in opened.entries}
        for name in portraits or entries:
            if name not in entries:
                raise UsageError(f"the library has no portrait {name}; see: prerender library list")
            try:
                manifest, problems = opened.playable(entries[name])
            except LibraryError as error:
                print_line(str(error))
                is_whole = False
                continue
            for problem in problems:
                print_line(str(problem))
            is_whole = is_whole and not problems
            folder = opened.folder(entries[name])
            for made in write_preview(folder, manifest, out, Size(side_px, videos=videos)):
                print_line(str(made))
                is_whole = is_whole and isinstance(made, Path)
    if not is_whole:
        raise typer.Exit(Exit.LIBRARY)


@app.command()
def remove(portrait: str, *, library: LibraryDir = None) -> None:
    """Take a portrait out of the library; its files go with the next gc."""
    root = library or paths.library_dir()
    writer.remove(root, portrait)
    print_line(f"removed {portrait}")
