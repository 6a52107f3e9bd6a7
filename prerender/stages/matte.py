"""Cuts the subject out."""

from collections.abc import Mapping
from pathlib import Path

from frame_app.base.errors import PictureError
from prerender.core.faces import load_faces
from prerender.core.stage import ArtifactKind, EngineParams, StageContext, StillStage
from prerender.engines.base import Measured
from prerender.engines.registry import Task
from prerender.media.image import load_rgb, save_unit16

_LEAST = 0.005  # part of the canvas below which nothing that could move was cut out


class MatteParams(EngineParams):
    """[stage.matte] of a recipe."""


class MatteStage(StillStage[MatteParams]):
    """Writes the alpha of the person whose face was chosen."""

    name = "matte"
    version = 1
    consumes = (ArtifactKind.CANVAS, ArtifactKind.CANVAS_FACES)
    produces = (ArtifactKind.MATTE,)
    task = Task.MATTE
    params_type = MatteParams

    def run(
        self, inputs: Mapping[ArtifactKind, Path], params: MatteParams, ctx: StageContext
    ) -> Measured:
        """Write a 16-bit grey PNG of the canvas's size; raises `PictureError`."""
        image = load_rgb(inputs[ArtifactKind.CANVAS])
        subject = load_faces(inputs[ArtifactKind.CANVAS_FACES]).subject
        matte, measured = ctx.engines.matte(params.engine).matte(image, (subject,))
        covered = float(matte.mean())
        if covered < _LEAST:
            raise PictureError(ctx.photo, "the person could not be told from the background")
        save_unit16(ctx.output(ArtifactKind.MATTE), matte)
        return Measured({**measured.scores, "covered": round(covered, 4)}, measured.warnings)
