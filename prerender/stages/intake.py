"""The user's file becomes a picture with known faces."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from frame_app.base.arrays import ImageU8
from frame_app.base.errors import NoFaceError
from prerender.core.faces import Faces, save_faces
from prerender.core.facts import SourceFacts, save_facts
from prerender.core.stage import ArtifactKind, EngineParams, StageContext, StillStage
from prerender.engines.base import Face, FaceEngine, Measured
from prerender.engines.profile import FaceProfile, Verdict, profile_face
from prerender.engines.registry import Task
from prerender.engines.upright import TURNED, Upright, find_upright
from prerender.media.image import save_rgb
from prerender.media.photo import decoding

_SURE = 0.8  # portraits and paintings score 0.85 to 0.96, drawn animals up to 0.7
_STILL_LIFE = "nobody comes alive in this picture: it is a still life"


class IntakeParams(EngineParams):
    """[stage.intake] of a recipe."""

    max_side_px: int = Field(default=2160, ge=256, le=16384)
    """Long side to which larger photos are reduced before anything else is done."""

    face: Annotated[str, BeforeValidator(str)] = Field(
        default="largest",
        pattern=r"^(largest|best|all|none|left|right|[1-9][0-9]?(,[1-9][0-9]?)*)$",
    )
    """Who comes alive: the largest face, the best one for it, all that are good enough, the
    leftmost, the rightmost, or the numbers that `prerender inspect` gives them, such as 2 or 1,3;
    with "none" the picture is a still life, whoever is in it."""

    still_life: bool = False
    """Whether a picture without a face becomes a still life, instead of being refused."""

    upright: Literal["auto", "keep"] = "auto"
    """Whether a picture lying on its side is turned as its faces are; "keep" leaves it as it is,
    for people who really lie."""


class IntakeStage(StillStage[IntakeParams]):
    """Decodes, turns upright, converts to sRGB, crops scan borders, finds faces."""

    name = "intake"
    version = 4
    consumes = (ArtifactKind.PHOTO,)
    produces = (ArtifactKind.PICTURE, ArtifactKind.FACES, ArtifactKind.SOURCE)
    task = Task.FACES
    params_type = IntakeParams

    def run(
        self, inputs: Mapping[ArtifactKind, Path], params: IntakeParams, ctx: StageContext
    ) -> Measured:
        """See the class; raises `PictureError` and `NoFaceError`."""
        file, scratch = inputs[ArtifactKind.PHOTO], ctx.folder.parent
        with decoding(file, params.max_side_px, scratch=scratch) as photo_of:
            finder = ctx.engines.faces(params.engine)  # loads while a child process decodes
            photo = photo_of()
        upright = _looked_at(finder, photo.pixels, params)
        found = upright.faces
        chosen = _cast(upright, params, ctx.photo)
        warnings = list(photo.warnings)
        if upright.turned_deg:
            warnings.append(TURNED)
        if not chosen:
            warnings.append(_STILL_LIFE)
        elif len(found) > 1:
            warnings.append(_who(chosen, len(found)))
        profiles = [profile_face(upright.image, found[index]) for index in chosen]
        warnings += _concerns(profiles)
        save_rgb(ctx.output(ArtifactKind.PICTURE), upright.image)
        save_faces(ctx.output(ArtifactKind.FACES), Faces(found, chosen))
        width, height = photo.width, photo.height
        if upright.turned_deg in {90, 270}:
            width, height = height, width
        facts = SourceFacts(width=width, height=height, taken=photo.taken, faces=len(found))
        save_facts(ctx.output(ArtifactKind.SOURCE), facts)
        return Measured(_scores(profiles), tuple(warnings))


def _looked_at(finder: FaceEngine, pixels: ImageU8, params: IntakeParams) -> Upright:
    if params.upright == "keep":
        return Upright(pixels, finder.find(pixels), 0)
    upright = find_upright(finder, pixels)
    wants_nobody = params.still_life or params.face == "none"
    if upright.turned_deg and wants_nobody and not _shows_somebody(upright):
        return Upright(pixels, (), 0)  # a cup that looks like a face upside down knows no up
    return upright


def _cast(upright: Upright, params: IntakeParams, photo: Path) -> tuple[int, ...]:
    if params.face == "none":
        return ()
    if params.still_life and not _shows_somebody(upright):
        return ()
    return choose_faces(upright.image, upright.faces, params.face, photo)


def _shows_somebody(upright: Upright) -> bool:
    return any(_is_person(upright.image, face) for face in upright.faces)


def _is_person(image: ImageU8, face: Face) -> bool:
    """Whether a find is a face beyond doubt: a dog has eyes, a nose and a mouth, too."""
    return face.score >= _SURE and profile_face(image, face).verdict is not Verdict.POOR


def choose_faces(
    image: ImageU8, faces: tuple[Face, ...], wanted: str, photo: Path
) -> tuple[int, ...]:
    """Indices of the wanted faces, the largest first; `faces` come largest first.

    Raises:
        NoFaceError: there is none, or no such one.
    """
    if not faces:
        problem = (
            "no face was found; use a photo in which a face is seen from the front and at least 50 "
            "pixels wide, or make a still life of it with --still-life"
        )
        raise NoFaceError(photo, problem)
    if wanted == "largest":
        return (0,)
    if wanted in {"left", "right"}:
        centres = [face.box.x + face.box.width / 2 for face in faces]
        return (centres.index(min(centres) if wanted == "left" else max(centres)),)
    if wanted in {"best", "all"}:
        profiles = [profile_face(image, face) for face in faces]
        overall = [profile.overall for profile in profiles]
        best = overall.index(max(overall))
        good = tuple(i for i, one in enumerate(profiles) if one.verdict is not Verdict.POOR)
        return good if wanted == "all" and good else (best,)
    return tuple(sorted({_numbered(int(number), faces, photo) for number in wanted.split(",")}))


def _numbered(number: int, faces: tuple[Face, ...], photo: Path) -> int:
    if number > len(faces):
        count = "one face was" if len(faces) == 1 else f"{len(faces)} faces were"
        problem = f"there is no face {number}, {count} found; list them with: prerender inspect"
        raise NoFaceError(photo, problem)
    return number - 1


def _who(chosen: tuple[int, ...], found: int) -> str:
    if len(chosen) > 1:
        return f"{len(chosen)} of {found} faces come alive together"
    which = "the largest one" if chosen == (0,) else f"number {chosen[0] + 1}"
    return f"{found} faces; {which} comes alive (see --face)"


def _concerns(profiles: list[FaceProfile]) -> list[str]:
    """What speaks against faces that will not animate well, in the words of `inspect`."""
    several = len(profiles) > 1
    return [
        f"person {number}: {text}" if several else text
        for number, profile in enumerate(profiles, start=1)
        if profile.verdict is not Verdict.GOOD
        for text in profile.findings
    ]


def _scores(profiles: list[FaceProfile]) -> dict[str, float]:
    """Of the people who come alive; of several, the least."""
    if not profiles:
        return {}
    faces = [profile.face for profile in profiles]
    scores = {
        "face_score": round(min(face.score for face in faces), 4),
        "interocular_px": round(min(face.interocular_px for face in faces), 1),
        "suitability": round(min(profile.overall for profile in profiles), 3),
    }
    for name in profiles[0].scores:
        scores[name] = round(min(profile.scores[name] for profile in profiles), 3)
    return scores
