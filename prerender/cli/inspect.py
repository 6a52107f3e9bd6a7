"""`prerender inspect`: what a photo holds, before an hour is spent on it."""

from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from frame_app.base.errors import NoFaceError
from prerender.cli.common import AsJson, print_json
from prerender.core.choice import RegisteredEngines
from prerender.engines.base import AUTO
from prerender.engines.profile import PictureProfile, profile_picture
from prerender.media.photo import Photo, read_photo

_LOOK_PX = 2160  # long side at which faces are looked for; what a run does by default


def inspect(
    photo: Annotated[Path, typer.Argument(help="a picture")], *, as_json: AsJson = False
) -> None:
    """List the faces of a photo with their numbers, and say what will animate badly and why."""
    picture = read_photo(photo, _LOOK_PX)
    faces = RegisteredEngines().faces(AUTO).find(picture.pixels)
    profile = profile_picture(picture.pixels, faces)
    if as_json:
        print_json(_as_json(photo, picture, profile))
    else:
        _print(photo, picture, profile)
    if not faces:
        raise NoFaceError(photo, "no face was found; nothing can be animated")


def _as_json(photo: Path, picture: Photo, profile: PictureProfile) -> dict[str, Any]:
    return {
        "schema": 1,
        "photo": str(photo),
        "format": picture.format,
        "width": picture.width,
        "height": picture.height,
        "taken": picture.taken,
        "warnings": [*picture.warnings, *profile.findings],
        "scores": _rounded(profile.scores),
        "looked_at": {"width": profile.width, "height": profile.height},
        "faces": [
            {
                "number": number,
                "box": {
                    "x": round(found.face.box.x, 1),
                    "y": round(found.face.box.y, 1),
                    "width": round(found.face.box.width, 1),
                    "height": round(found.face.box.height, 1),
                },
                "score": round(found.face.score, 3),
                "interocular_px": round(found.face.interocular_px, 1),
                "yaw_deg": round(found.pose.yaw_deg, 1),
                "pitch_deg": round(found.pose.pitch_deg, 1),
                "roll_deg": round(found.pose.roll_deg, 1),
                "verdict": found.verdict.value,
                "scores": _rounded(found.scores),
                "findings": list(found.findings),
            }
            for number, found in enumerate(profile.faces, start=1)
        ],
    }


def _print(photo: Path, picture: Photo, profile: PictureProfile) -> None:
    console = Console(highlight=False)
    taken = f", taken {picture.taken}" if picture.taken else ""
    console.print(
        f"{photo}: {picture.format}, {picture.width} x {picture.height}{taken}", markup=False
    )
    for text in (*picture.warnings, *profile.findings):
        console.print(f"note: {text}", markup=False)
    if not profile.faces:
        return
    table = Table("face", "where", "height", "turned", "verdict", "what will animate badly")
    for number, found in enumerate(profile.faces, start=1):
        across = (found.face.box.x + found.face.box.width / 2) / profile.width
        table.add_row(
            str(number),
            f"{across:.0%} from the left",
            f"{found.face.box.height:.0f} px",
            f"{found.pose.yaw_deg:+.0f} degrees",
            found.verdict.value,
            "\n".join(found.findings) or "nothing",
        )
    console.print(table)
    if len(profile.faces) > 1:
        console.print("choose with --face and the number, largest, left or right", markup=False)


def _rounded(scores: dict[str, float]) -> dict[str, float]:
    return {name: round(value, 3) for name, value in scores.items()}
