"""Takes age and damage out of the picture, and sees to it that it still shows the same people."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
from pydantic import Field

from frame_app.base.arrays import ImageU8
from prerender.core.faces import load_faces
from prerender.core.stage import ArtifactKind, EngineParams, StageContext, StillStage
from prerender.engines.base import AUTO, Face, FaceEngine, Measured, RestoreEngine
from prerender.engines.identity import same_face, shape_change
from prerender.engines.registry import Task
from prerender.media.image import load_rgb, save_rgb

_GENTLER = 0.5  # factor on the strength after each restoration that changed somebody
_TRIES = 4  # the last of them changes nothing
_LOST = 1.0  # change of a face that is no longer found


class RestoreParams(EngineParams):
    """[stage.restore] of a recipe."""

    strength: float = Field(default=0.5, ge=0.0, le=1.0)
    """How much of every correction is applied; 0 leaves the picture as it is."""

    identity_limit: float = Field(default=0.01, gt=0.0, le=0.2)
    """Largest change of a face's shape, in face heights: past it the strength goes down until the
    same people are seen. Measured: the built-in engine changes 0.006 at most, two people differ by
    0.014 and more."""


class RestoreStage(StillStage[RestoreParams]):
    """Gives back a picture of the same size, showing the same person."""

    name = "restore"
    version = 2
    consumes = (ArtifactKind.PICTURE, ArtifactKind.FACES)
    produces = (ArtifactKind.RESTORED,)
    task = Task.RESTORE
    params_type = RestoreParams

    @classmethod
    def uses_engine(cls, params: RestoreParams) -> bool:
        """Not if nothing is to be changed."""
        return params.strength > 0.0

    def run(
        self, inputs: Mapping[ArtifactKind, Path], params: RestoreParams, ctx: StageContext
    ) -> Measured:
        """See the class."""
        image = load_rgb(inputs[ArtifactKind.PICTURE])
        measured = Measured()
        if self.uses_engine(params):
            faces = load_faces(inputs[ArtifactKind.FACES])
            engine = ctx.engines.restore(params.engine)
            finder = ctx.engines.faces(AUTO)
            image, measured = _guarded(engine, finder, image, (faces.all, faces.cast), params)
        save_rgb(ctx.output(ArtifactKind.RESTORED), image)
        return measured


def _guarded(
    engine: RestoreEngine,
    finder: FaceEngine,
    image: ImageU8,
    faces: tuple[tuple[Face, ...], tuple[Face, ...]],
    params: RestoreParams,
) -> tuple[ImageU8, Measured]:
    """Restore `image`, more gently as long as somebody of the cast is no longer who they are."""
    everybody, cast = faces

    def changed() -> float:
        if not cast or np.array_equal(restored, image):  # nobody need be looked for
            return 0.0
        return identity_change(cast, finder.find(restored))

    strength, tries = params.strength, 1
    restored, measured = engine.restore(image, everybody, strength)
    change = first = changed()
    while change > params.identity_limit:
        tries += 1
        strength = _GENTLER * strength if tries < _TRIES else 0.0
        restored, measured = engine.restore(image, everybody, strength)
        change = changed() if strength > 0 else 0.0
    scores = {**measured.scores, "identity_change": round(change, 5), "strength": strength}
    warnings = measured.warnings
    if strength < params.strength:
        warnings += (_held_back(strength, params.strength, first),)
    return restored, Measured(scores, warnings)


def identity_change(before: tuple[Face, ...], after: tuple[Face, ...]) -> float:
    """The largest change of shape among `before`, in face heights; 1 if somebody is gone."""
    changes = []
    for face in before:
        found = same_face(face, after)
        changes.append(_LOST if found is None else shape_change(face.landmarks, found.landmarks))
    return max(changes, default=0.0)


def _held_back(strength: float, wanted: float, change: float) -> str:
    how = "made a face unrecognisable" if change >= _LOST else f"changed a face by {change:.1%}"
    done = (
        f"to {strength / wanted:.0%} of it" if strength > 0 else "and the picture is left as it was"
    )
    return f"restoring as much as asked {how}, so it was held back {done}"
