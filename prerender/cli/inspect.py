"""`prerender inspect`: what a photo holds, before an hour is spent on it."""

import logging
import textwrap
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer

from frame_app.base.arrays import ImageU8
from frame_app.base.atomic import storage_errors
from frame_app.base.errors import NoFaceError, PictureError, UsageError
from prerender.cli.options import AsJson, Turning
from prerender.cli.printing import print_json, print_line, print_problem
from prerender.core.choice import RegisteredEngines
from prerender.engines.base import AUTO, FaceEngine
from prerender.engines.face_sheet import face_sheet
from prerender.engines.profile import FaceProfile, PictureProfile, Verdict, profile_picture
from prerender.engines.upright import TURNED, Upright, find_upright
from prerender.media.image import save_rgb
from prerender.media.photo import Photo, read_photo

log = logging.getLogger(__name__)

_COLUMNS = 100
_LOOK_PX = 2160  # long side at which faces are looked for; what a run does by default


def inspect(
    photos: Annotated[list[Path], typer.Argument(metavar="PHOTO...", help="pictures")],
    *,
    sheet: Annotated[
        Path | None,
        typer.Option(
            "--sheet",
            metavar="FILE.png",
            help="the faces of one photo with their numbers, as a PNG",
        ),
    ] = None,
    upright: Turning = None,
    as_json: AsJson = False,
) -> None:
    """List the faces of photos with their numbers, and say how each will come alive, and why."""
    if sheet is not None and len(photos) > 1:
        msg = "--sheet shows the faces of one photo; name one only"
        raise UsageError(msg)
    finder = RegisteredEngines().faces(AUTO)
    documents: list[dict[str, Any]] = []
    worst = 0
    for photo in photos:
        try:
            look = _look(photo, finder, upright)
            if sheet is not None and look.profile.faces:
                with storage_errors(sheet):
                    save_rgb(sheet, face_sheet(look.image, look.profile.faces))
            if as_json:
                documents.append(_as_json(look, sheet))
            else:
                _print(look, sheet)
            if not look.profile.faces:
                problem = "no face was found, so nobody can come alive; for a pet or a landscape: "
                raise NoFaceError(photo, problem + "prerender run --still-life")
        except PictureError as error:
            log.debug("%s", photo, exc_info=True)
            print_problem(error)
            worst = error.exit_code
    if documents:
        print_json(documents if len(photos) > 1 else documents[0])
    if worst:
        raise typer.Exit(worst)


@dataclass(frozen=True, slots=True, eq=False)
class _Look:
    """What one photo holds."""

    path: Path
    photo: Photo
    image: ImageU8
    profile: PictureProfile
    notes: tuple[str, ...]


def _look(path: Path, finder: FaceEngine, upright: str | None) -> _Look:
    photo = read_photo(path, _LOOK_PX)
    if upright == "keep":
        found = Upright(photo.pixels, finder.find(photo.pixels), 0)
    else:
        found = find_upright(finder, photo.pixels)
    profile = profile_picture(found.image, found.faces)
    turned = (TURNED,) if found.turned_deg else ()
    findings = profile.findings if found.faces else ()  # without a face the command ends with that
    return _Look(path, photo, found.image, profile, (*photo.warnings, *turned, *findings))


def _as_json(look: _Look, sheet: Path | None) -> dict[str, Any]:
    picture, profile = look.photo, look.profile
    best = _best(profile)
    return {
        "schema": 1,
        "photo": str(look.path),
        "format": picture.format,
        "width": picture.width,
        "height": picture.height,
        "taken": picture.taken,
        "warnings": list(look.notes),
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


def _print(look: _Look, sheet: Path | None) -> None:
    picture, profile = look.photo, look.profile
    taken = f", taken {picture.taken}" if picture.taken else ""
    print_line(f"{look.path}: {picture.format}, {picture.width} x {picture.height} pixels{taken}")
    for text in look.notes:
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
