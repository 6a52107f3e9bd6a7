"""`prerender plan`: what a run would do."""

from typing import Any

import typer
from rich.console import Console
from rich.table import Table

from frame_app.base.errors import PictureError
from prerender.cli.common import Wanted, collect_photos, make_pipeline, usable_cores
from prerender.cli.exits import Exit
from prerender.cli.options import (
    AsJson,
    Changes,
    Inbox,
    LibraryDir,
    Photos,
    RecipeName,
    StillLife,
    StoreDir,
    Turning,
    Whom,
)
from prerender.cli.printing import print_json, print_line
from prerender.core.estimate import expected_bytes, expected_seconds
from prerender.pipeline import Preview
from prerender.recipe import DEFAULT


def plan(  # noqa: PLR0913 (the options are the command line)
    photos: Photos = None,
    *,
    inbox: Inbox = None,
    library: LibraryDir = None,
    store: StoreDir = None,
    recipe: RecipeName = DEFAULT,
    changes: Changes = None,
    face: Whom = None,
    still_life: StillLife = False,
    upright: Turning = None,
    as_json: AsJson = False,
) -> None:
    """Show which steps a run would do, what is cached, and roughly what time and disk it takes."""
    chosen = collect_photos(photos, inbox)
    pipeline = make_pipeline(
        Wanted(recipe, changes or (), face, still_life, upright, library, store)
    )
    shown: list[dict[str, Any]] = []
    failed: list[PictureError] = []
    for photo in chosen:
        try:
            shown.append(_as_json(pipeline.preview(photo)))
        except PictureError as error:
            failed.append(error)
            shown.append({"photo": str(photo), "error": str(error)})
    seconds = sum(entry.get("seconds", 0.0) for entry in shown) / usable_cores()
    room = sum(entry.get("bytes", 0) for entry in shown)
    if as_json:
        print_json({"schema": 1, "photos": shown, "seconds": round(seconds, 1), "bytes": room})
    else:
        _print(shown, seconds, room)
    if failed:
        raise typer.Exit(Exit.PICTURE if len(failed) == len(chosen) else Exit.FAILED)


def _as_json(preview: Preview) -> dict[str, Any]:
    missing = [node for node in preview.plan.nodes if node.label not in preview.cached]
    return {
        "photo": str(preview.plan.photo),
        "id": preview.id,
        "published": preview.is_published,
        "seconds": sum(expected_seconds(node.label) for node in missing),
        "bytes": sum(expected_bytes(node.label) for node in missing),
        "steps": [
            {
                "label": node.label,
                "kind": "clip" if node.is_clip else "stage",
                "cached": node.label in preview.cached,
                "key": node.key,
                "engines": [
                    {
                        "stage": step.stage.name,
                        "engine": step.choice.info.id,
                        "weights": step.choice.info.weights_sha256,
                        "instead_of": step.choice.instead_of,
                    }
                    for step in node.steps
                    if step.choice is not None
                ],
            }
            for node in preview.plan.nodes
        ],
    }


def _print(shown: list[dict[str, Any]], seconds: float, room: int) -> None:
    console = Console()
    for entry in shown:
        if "error" in entry:
            print_line(entry["error"])
            continue
        state = "published, nothing to do" if entry["published"] else "to be made"
        print_line(f"{entry['photo']} ({entry['id']}): {state}")
        table = Table()
        for name in ("step", "state", "engine", "seconds"):
            table.add_column(name, justify="right" if name == "seconds" else "left")
        for step in entry["steps"]:
            expected = 0.0 if step["cached"] else expected_seconds(step["label"])
            table.add_row(
                f"{step['kind']} {step['label']}",
                "cached" if step["cached"] else "to do",
                ", ".join(sorted({engine["engine"] for engine in step["engines"]})),
                f"{expected:.0f}" if expected else "",
            )
        console.print(table)
        engines = [engine for step in entry["steps"] for engine in step["engines"]]
        for reason in dict.fromkeys(engine["instead_of"] for engine in engines):
            if reason:
                print_line(f"note: {reason}")
        if any(engine["weights"] for engine in engines):
            print_line("note: networks take longer than the seconds above, hours without a GPU")
    print_line(f"about {seconds:.0f} s on {usable_cores()} cores, {room / 1e6:.0f} MB of disk")
