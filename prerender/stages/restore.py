"""Takes age and damage out of the picture."""

from collections.abc import Mapping
from pathlib import Path

from pydantic import Field

from prerender.core.faces import load_faces
from prerender.core.stage import ArtifactKind, EngineParams, StageContext, StillStage
from prerender.engines.base import Measured
from prerender.engines.registry import Task
from prerender.media.image import load_rgb, save_rgb


class RestoreParams(EngineParams):
    """[stage.restore] of a recipe."""

    strength: float = Field(default=0.5, ge=0.0, le=1.0)
    """How much of every correction is applied; 0 leaves the picture as it is."""


class RestoreStage(StillStage[RestoreParams]):
    """Gives back a picture of the same size, showing the same person."""

    name = "restore"
    version = 1
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
            faces = load_faces(inputs[ArtifactKind.FACES]).all
            engine = ctx.engines.restore(params.engine)
            image, measured = engine.restore(image, faces, params.strength)
        save_rgb(ctx.output(ArtifactKind.RESTORED), image)
        return measured
