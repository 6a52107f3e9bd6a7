"""`prerender inspect`: what a photo holds, before an hour is spent on it."""

from pathlib import Path
from typing import Annotated, Any

import typer

from frame_app.base.errors import NoFaceError
from prerender.cli.common import AsJson, print_json, print_line
from prerender.core.choice import RegisteredEngines
from prerender.engines.base import AUTO
from prerender.engines.profile import FaceProfile, PictureProfile, Verdict, profile_picture
from prerender.engines.upright import TURNED, find_upright
from prerender.media.photo import Photo, read_photo

_LOOK_PX = 2160  # long side at which faces are looked for; what a run does by default


def inspect(
    photo: Annotated[Path, typer.Argument(help="a picture")], *, as_json: AsJson = False
) -> None:
    """List the faces of a photo with their numbers, and say what will animate badly and why."""
    picture = read_photo(photo, _LOOK_PX)
    upright = find_upright(RegisteredEngines().faces(AUTO), picture.pixels)
    profile = profile_picture(upright.image, upright.faces)
    turned = (TURNED,) if upright.turned_deg else ()
    notes = (*picture.warnings, *turned, *profile.findings)
    if as_json:
        print_json(_as_json(photo, picture, profile, notes))
    else:
        _print(photo, picture, profile, notes)
    if not upright.faces:
        raise NoFaceError(photo, "no face was found; nothing can be animated")


def _as_json(
    photo: Path, picture: Photo, profile: PictureProfile, notes: tuple[str, ...]
) -> dict[str, Any]:
    return {
        "schema": 1,
        "photo": str(photo),
        "format": picture.format,
        "width": picture.width,
        "height": picture.height,
        "taken": picture.taken,
        "warnings": list(notes),
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


def _print(photo: Path, picture: Photo, profile: PictureProfile, notes: tuple[str, ...]) -> None:
    taken = f", taken {picture.taken}" if picture.taken else ""
    print_line(f"{photo}: {picture.format}, {picture.width} x {picture.height} pixels{taken}")
    for text in notes:
        print_line(f"  note: {text}")
    is_group = len(profile.faces) > 1
    for number, found in enumerate(profile.faces, start=1):
        who = f"face {number}, {_where(found, profile.width)}," if is_group else "the face"
        print_line(f"  {who} {_VERDICTS[found.verdict]}")
        for text in found.findings:
            print_line(f"    - {text}")
    if is_group:
        print_line("  the largest, face 1, is taken; choose another with --face and its number")


_VERDICTS = {
    Verdict.GOOD: "will come alive well",
    Verdict.LIMITED: "will come alive, with limits",
    Verdict.POOR: "will hardly come alive",
}


def _where(found: FaceProfile, width: int) -> str:
    across = (found.face.box.x + found.face.box.width / 2) / width
    if across < 0.4:
        return "on the left"
    return "on the right" if across > 0.6 else "in the middle"


def _rounded(scores: dict[str, float]) -> dict[str, float]:
    return {name: round(value, 3) for name, value in scores.items()}
