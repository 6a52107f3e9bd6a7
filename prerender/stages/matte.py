"""Cuts the subject out, with colours that are its own up to and beyond the edge."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from frame_app.base.arrays import MaskU8
from frame_app.base.errors import PictureError
from prerender.core.faces import load_faces
from prerender.core.stage import ArtifactKind, EngineParams, StageContext, StillStage
from prerender.engines.base import Measured
from prerender.engines.foreground import estimate_foreground
from prerender.engines.registry import Task
from prerender.media.image import load_rgb, save_rgba, save_unit16
from prerender.media.provenance import xmp_packet

_LEAST = 0.005  # part of the canvas below which nothing that could move was cut out


class MatteParams(EngineParams):
    """[stage.matte] of a recipe."""


class MatteStage(StillStage[MatteParams]):
    """Writes the alpha and the clean colours of those whose faces were chosen."""

    name = "matte"
    version = 2
    consumes = (ArtifactKind.CANVAS, ArtifactKind.CANVAS_FACES)
    produces = (ArtifactKind.MATTE, ArtifactKind.SUBJECT)
    task = Task.MATTE
    params_type = MatteParams

    def run(
        self, inputs: Mapping[ArtifactKind, Path], params: MatteParams, ctx: StageContext
    ) -> Measured:
        """Write 16-bit alpha, and the subject with straight alpha; raises `PictureError`."""
        image = load_rgb(inputs[ArtifactKind.CANVAS])
        faces = load_faces(inputs[ArtifactKind.CANVAS_FACES])
        matte, measured = ctx.engines.matte(params.engine).matte(
            image, faces.company, faces.strangers
        )
        covered = float(matte.mean())
        if covered < _LEAST:
            raise PictureError(ctx.photo, "the person could not be told from the background")
        save_unit16(ctx.output(ArtifactKind.MATTE), matte)
        colour = estimate_foreground(image, matte)
        alpha: MaskU8 = (matte * 255.0 + 0.5).astype(np.uint8)
        xmp = xmp_packet(generative=ctx.is_generative)
        save_rgba(ctx.output(ArtifactKind.SUBJECT), colour, alpha, xmp)
        return Measured({**measured.scores, "covered": round(covered, 4)}, measured.warnings)
