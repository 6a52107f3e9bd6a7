"""`prerender motions`: what heads can do, and how one of it looks on a photo."""

import tempfile
from pathlib import Path
from typing import Annotated

import typer

from frame_app.base import paths
from frame_app.base.errors import UsageError
from frame_app.cliplib import reader
from frame_app.cliplib.schema import Family
from prerender.cli.common import Wanted, make_pipeline
from prerender.cli.exits import Exit
from prerender.cli.options import AsJson, StoreDir
from prerender.cli.printing import print_json, print_line
from prerender.cli.progress import progress_for
from prerender.core.report import Status
from prerender.portrait.motion import Motion
from prerender.portrait.motion_files import Repertoire, load_repertoire
from prerender.portrait.pose import PARAMETERS

app = typer.Typer(
    name="motions",
    help="What portraits can be made to do.",
    no_args_is_help=True,
    add_completion=False,
)


@app.command("list")
def list_motions(
    *,
    parameters: Annotated[
        bool, typer.Option("--parameters", help="what a motion can move, with units and ranges")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """List all motions, the shipped ones and those of ~/.config/portrait-frame/motions."""
    if parameters:
        _list_parameters(as_json=as_json)
        return
    motions = load_repertoire().motions
    if as_json:
        print_json({"schema": 1, "motions": [_as_json(motion) for motion in motions.values()]})
        return
    wide = max(len(name) for name in motions)
    for motion in motions.values():
        kind = f"{motion.family.value} {motion.mood or ''}".strip()
        loops = " loop" if motion.loop else ""
        length = f"{motion.duration_s:.1f} s{loops}"
        print_line(f"{motion.name:<{wide}}  {kind:<12}  {length:<11}  {motion.about}")


@app.command("import")
def import_motion(
    file: Annotated[
        Path, typer.Argument(help="a motion template (.pkl, .npz) or a video of a face")
    ],
    *,
    name: Annotated[str, typer.Option("--name", help="what the motion will be called")],
    family: Annotated[Family, typer.Option("--family", help="when the frame plays it")],
    about: Annotated[str, typer.Option("--about", help="a sentence for the list")] = "",
) -> None:
    """Keep a recorded motion for LivePortrait; templates are read without running anything.

    A video needs LivePortrait's weights, which read the motion from it.
    """
    from prerender.core.recordings import keep_recording  # heavy; list is light

    made = keep_recording(file, name, family, about or f"recorded in {file.name}")
    print_line(f"{made}; play it with: prerender run PHOTO --set animate.engine=liveportrait")


@app.command()
def preview(
    name: Annotated[str, typer.Argument(help="of a motion; see: prerender motions list")],
    *,
    photo: Annotated[Path, typer.Option("--photo", metavar="PHOTO", help="who shows it")],
    out: Annotated[
        Path, typer.Option("--out", metavar="DIR", help="where video and picture go")
    ] = Path("preview"),
    side_px: Annotated[
        int, typer.Option("--side", min=256, max=2160, help="long side; small is quick")
    ] = 512,
    store: StoreDir = None,
) -> None:
    """Render one motion on a photo, small; writes an MP4 and a sheet of its pictures.

    The stills of the photo are kept for the next preview of it.
    """
    from prerender.media.preview import Size, write_preview  # heavy; list is light

    _check(name, load_repertoire())
    changes = (
        f"clips={name}",
        "gaze=false",
        f"intake.max_side_px={max(side_px, 256)}",
        f"upscale.min_side_px={side_px}",
        f"upscale.max_side_px={side_px}",
    )
    with tempfile.TemporaryDirectory(prefix="portrait-frame-") as folder:
        library = Path(folder) / "library"
        wanted = Wanted(changes=changes, library=library, store=store or paths.store_dir())
        pipeline = make_pipeline(wanted)
        with progress_for(is_quiet=False, photos=1) as progress:
            (entry,) = pipeline.run((photo,), progress)
        if entry.error is not None:
            raise entry.error
        if entry.status is not Status.MADE:
            raise typer.Exit(Exit.FAILED)
        for text in entry.warnings:
            print_line(f"note: {text}")
        with reader.open_library(library) as opened:
            (portrait,) = opened.entries
            manifest = opened.manifest(portrait)
            for made in write_preview(opened.folder(portrait), manifest, out, Size(side_px)):
                if isinstance(made, Path) and made.suffix == ".png":  # one sheet for each motion
                    made = made.replace(out / f"{manifest.id}-{name}.png")  # noqa: PLW2901
                print_line(str(made))


def _check(name: str, repertoire: Repertoire) -> None:
    if name not in repertoire.motions:
        msg = f"there is no motion {name}; known are: {', '.join(repertoire.motions)}"
        raise UsageError(msg)


def _as_json(motion: Motion) -> dict[str, object]:
    fields = {"name", "about", "family", "mood", "duration_s", "loop", "start_pose", "end_pose"}
    return motion.model_dump(mode="json", include=fields)


def _list_parameters(*, as_json: bool) -> None:
    if as_json:
        rows = [{"name": name} | span._asdict() for name, span in PARAMETERS.items()]
        print_json({"schema": 1, "parameters": rows})
        return
    for name, (low, high, meaning) in PARAMETERS.items():
        print_line(f"{name:<14} {low:>5g} to {high:<5g} {meaning}")
