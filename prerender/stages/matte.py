"""Cuts the subject out, with colours that are its own up to and beyond the edge."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from frame_app.base.arrays import ImageU8, MaskF32, MaskU8
from frame_app.base.errors import PictureError
from prerender.core.faces import load_faces
from prerender.core.stage import ArtifactKind, EngineParams, StageContext, StillStage
from prerender.engines.base import Measured
from prerender.engines.foreground import estimate_foreground
from prerender.engines.registry import Task
from prerender.engines.still_life import as_in_video, find_subject
from prerender.media.image import load_rgb, save_rgba, save_unit16
from prerender.media.provenance import xmp_packet

_LEAST = 0.005  # part of the canvas below which nothing that could move was cut out
_NO_SUBJECT = "no single subject stands out: the scene gets its depth as a whole"


class MatteParams(EngineParams):
    """[stage.matte] of a recipe."""


class MatteStage(StillStage[MatteParams]):
    """Writes the alpha and the clean colours of those whose faces were chosen."""

    name = "matte"
    version = 3
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
        if faces.company:
            engine = ctx.engines.matte(params.engine)
            matte, measured = engine.matte(image, faces.company, faces.strangers)
        else:
            matte, measured = _still_life(image)
        covered = float(matte.mean())
        if covered < _LEAST:
            raise PictureError(ctx.photo, "the person could not be told from the background")
        save_unit16(ctx.output(ArtifactKind.MATTE), matte)
        colour = estimate_foreground(image, matte)
        if not faces.company:
            colour = as_in_video(colour)
        alpha: MaskU8 = (matte * 255.0 + 0.5).astype(np.uint8)
        xmp = xmp_packet(generative=ctx.is_generative)
        save_rgba(ctx.output(ArtifactKind.SUBJECT), colour, alpha, xmp)
        return Measured({**measured.scores, "covered": round(covered, 4)}, measured.warnings)


def _still_life(image: ImageU8) -> tuple[MaskF32, Measured]:
    found = find_subject(image)
    warnings = () if found.is_found else (_NO_SUBJECT,)
    return found.matte, Measured({"subject_found": float(found.is_found)}, warnings)
