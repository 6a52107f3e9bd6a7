"""`prerender inspect`: what a photo holds, before an hour is spent on it."""

import textwrap
from pathlib import Path
from typing import Annotated, Any

import typer

from frame_app.base.atomic import storage_errors
from frame_app.base.errors import NoFaceError
from prerender.cli.common import AsJson, Turning, print_json, print_line
from prerender.core.choice import RegisteredEngines
from prerender.engines.base import AUTO
from prerender.engines.face_sheet import face_sheet
from prerender.engines.profile import FaceProfile, PictureProfile, Verdict, profile_picture
from prerender.engines.upright import TURNED, Upright, find_upright
from prerender.media.image import save_rgb
from prerender.media.photo import Photo, read_photo

_COLUMNS = 100
_LOOK_PX = 2160  # long side at which faces are looked for; what a run does by default


def inspect(
    photo: Annotated[Path, typer.Argument(help="a picture")],
    *,
    sheet: Annotated[
        Path | None,
        typer.Option("--sheet", metavar="FILE.png", help="the faces with their numbers, as a PNG"),
    ] = None,
    upright: Turning = None,
    as_json: AsJson = False,
) -> None:
    """List the faces of a photo with their numbers, and say how each will come alive, and why."""
    picture = read_photo(photo, _LOOK_PX)
    finder = RegisteredEngines().faces(AUTO)
    if upright == "keep":
        found = Upright(picture.pixels, finder.find(picture.pixels), 0)
    else:
        found = find_upright(finder, picture.pixels)
    profile = profile_picture(found.image, found.faces)
    turned = (TURNED,) if found.turned_deg else ()
    notes = (*picture.warnings, *turned, *profile.findings)
    if sheet is not None and found.faces:
        with storage_errors(sheet):
            save_rgb(sheet, face_sheet(found.image, profile.faces))
    if as_json:
        print_json(_as_json(photo, picture, profile, notes, sheet))
    else:
        _print(photo, picture, profile, notes, sheet)
    if not found.faces:
        problem = "no face was found, so nobody can come alive; for a pet or a landscape: "
        raise NoFaceError(photo, problem + "prerender run --still-life")


def _as_json(
    photo: Path,
    picture: Photo,
    profile: PictureProfile,
    notes: tuple[str, ...],
    sheet: Path | None,
) -> dict[str, Any]:
    best = _best(profile)
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
        "sheet": str(sheet) if sheet is not None else None,
        "best": best,
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
                "suitability": round(found.overall, 3),
                "scores": _rounded(found.scores),
                "abilities": found.abilities,
                "findings": list(found.findings),
            }
            for number, found in enumerate(profile.faces, start=1)
        ],
    }


def _print(
    photo: Path,
    picture: Photo,
    profile: PictureProfile,
    notes: tuple[str, ...],
    sheet: Path | None,
) -> None:
    taken = f", taken {picture.taken}" if picture.taken else ""
    print_line(f"{photo}: {picture.format}, {picture.width} x {picture.height} pixels{taken}")
    for text in notes:
        _say(f"  note: {text}")
    is_group = len(profile.faces) > 1
    for number, found in enumerate(profile.faces, start=1):
        who = f"face {number}, {_where(found, profile.width)}," if is_group else "the face"
        _say(f"  {who} {_VERDICTS[found.verdict]} ({found.overall * 100:.0f} of 100)")
        well = [name for name, fine in found.abilities.items() if fine]
        badly = [name for name, fine in found.abilities.items() if not fine]
        _say(f"    goes well: {', '.join(well)}")
        if badly:
            _say(f"    less well: {', '.join(badly)}")
        for text in found.findings:
            _say(f"    - {text}")
    if is_group:
        best = _best(profile)
        _say("  prerender run brings the largest to life, face 1; with --face 2 it is face 2,")
        _say(f"  with --face best face {best}, with --face all everybody who is good enough")
    if sheet is not None and profile.faces:
        print_line(f"  the faces with their numbers: {sheet}")
    elif is_group:
        _say("  to see who is who, add: --sheet faces.png")


def _say(text: str) -> None:
    """A paragraph whose further lines stand below the first one's words."""
    indent = " " * (len(text) - len(text.lstrip(" -")))
    print_line(textwrap.fill(text, _COLUMNS, subsequent_indent=indent))


_VERDICTS = {
    Verdict.GOOD: "will come alive well",
    Verdict.LIMITED: "will come alive, but not everything will look right",
    Verdict.POOR: "will hardly come alive; choose another picture if you can",
}


def _best(profile: PictureProfile) -> int | None:
    """Number of the face that suits best."""
    overall = [face.overall for face in profile.faces]
    return overall.index(max(overall)) + 1 if overall else None


def _where(found: FaceProfile, width: int) -> str:
    across = (found.face.box.x + found.face.box.width / 2) / width
    if across < 0.4:
        return "on the left"
    return "on the right" if across > 0.6 else "in the middle"


def _rounded(scores: dict[str, float]) -> dict[str, float]:
    return {name: round(value, 3) for name, value in scores.items()}
