"""The user's file becomes a picture with known faces."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

from pydantic import BeforeValidator, Field

from frame_app.base.errors import NoFaceError
from prerender.core.faces import Faces, save_faces
from prerender.core.facts import SourceFacts, save_facts
from prerender.core.stage import ArtifactKind, EngineParams, StageContext, StillStage
from prerender.engines.base import Face, Measured
from prerender.engines.registry import Task
from prerender.engines.upright import TURNED, find_upright
from prerender.media.image import save_rgb
from prerender.media.photo import read_photo


class IntakeParams(EngineParams):
    """[stage.intake] of a recipe."""

    max_side_px: int = Field(default=2160, ge=256, le=16384)
    """Long side to which larger photos are reduced before anything else is done."""

    face: Annotated[str, BeforeValidator(str)] = Field(
        default="largest", pattern=r"^(largest|left|right|[1-9][0-9]?)$"
    )
    """Whom to animate: the largest face, the leftmost, the rightmost, or the number that
    `prerender inspect` gives it."""


class IntakeStage(StillStage[IntakeParams]):
    """Decodes, turns upright, converts to sRGB, crops scan borders, finds faces."""

    name = "intake"
    version = 2
    consumes = (ArtifactKind.PHOTO,)
    produces = (ArtifactKind.PICTURE, ArtifactKind.FACES, ArtifactKind.SOURCE)
    task = Task.FACES
    params_type = IntakeParams

    def run(
        self, inputs: Mapping[ArtifactKind, Path], params: IntakeParams, ctx: StageContext
    ) -> Measured:
        """See the class; raises `PictureError` and `NoFaceError`."""
        photo = read_photo(
            inputs[ArtifactKind.PHOTO], params.max_side_px, scratch=ctx.folder.parent
        )
        upright = find_upright(ctx.engines.faces(params.engine), photo.pixels)
        found = upright.faces
        chosen = choose_face(found, params.face, ctx.photo)
        warnings = list(photo.warnings)
        if upright.turned_deg:
            warnings.append(TURNED)
        if len(found) > 1:
            which = "the largest one" if chosen == 0 else f"number {chosen + 1}"
            warnings.append(f"{len(found)} faces; {which} is animated (see --face)")
        save_rgb(ctx.output(ArtifactKind.PICTURE), upright.image)
        save_faces(ctx.output(ArtifactKind.FACES), Faces(found, chosen))
        width, height = photo.width, photo.height
        if upright.turned_deg in {90, 270}:
            width, height = height, width
        facts = SourceFacts(width=width, height=height, taken=photo.taken, faces=len(found))
        save_facts(ctx.output(ArtifactKind.SOURCE), facts)
        face = found[chosen]
        scores = {
            "face_score": round(face.score, 4),
            "interocular_px": round(face.interocular_px, 1),
        }
        return Measured(scores, tuple(warnings))


def choose_face(faces: tuple[Face, ...], wanted: str, photo: Path) -> int:
    """Index of the wanted face; `faces` come largest first.

    Raises:
        NoFaceError: there is none, or no such one.
    """
    if not faces:
        problem = (
            "no face was found; use a photo in which a face is seen from the front, upright and at "
            "least 50 pixels wide"
        )
        raise NoFaceError(photo, problem)
    if wanted == "largest":
        return 0
    if wanted in {"left", "right"}:
        centres = [face.box.x + face.box.width / 2 for face in faces]
        return centres.index(min(centres) if wanted == "left" else max(centres))
    number = int(wanted)
    if number > len(faces):
        count = "one face was" if len(faces) == 1 else f"{len(faces)} faces were"
        problem = f"there is no face {number}, {count} found; list them with: prerender inspect"
        raise NoFaceError(photo, problem)
    return number - 1
