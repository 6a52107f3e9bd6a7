"""Nearness of every pixel, for the player's parallax and the turning head."""

from collections.abc import Mapping
from pathlib import Path

from pydantic import Field

from prerender.core.faces import load_faces
from prerender.core.stage import ArtifactKind, EngineParams, StageContext, StillStage
from prerender.engines.base import Measured
from prerender.engines.builtin_depth import plate_depth, subject_depth
from prerender.engines.registry import Task
from prerender.engines.still_life import is_whole, scene_depth
from prerender.media.image import load_rgb, load_unit16, save_unit16


class DepthParams(EngineParams):
    """[stage.depth] of a recipe."""

    gamma: float = Field(default=1.0, ge=0.2, le=4.0)
    """Exponent on nearness; above 1 flattens the background."""


class DepthStage(StillStage[DepthParams]):
    """Estimates once per portrait, in 16 bits."""

    name = "depth"
    version = 1
    consumes = (ArtifactKind.CANVAS, ArtifactKind.MATTE, ArtifactKind.CANVAS_FACES)
    produces = (ArtifactKind.DEPTH, ArtifactKind.SUBJECT_DEPTH, ArtifactKind.PLATE_DEPTH)
    task = Task.DEPTH
    params_type = DepthParams

    def run(
        self, inputs: Mapping[ArtifactKind, Path], params: DepthParams, ctx: StageContext
    ) -> Measured:
        """Write 16-bit grey PNGs of the canvas's size, 0 = farthest, 65535 = nearest.

        One of the picture, one of the subject continued beyond its outline, one without it.
        """
        image = load_rgb(inputs[ArtifactKind.CANVAS])
        matte = load_unit16(inputs[ArtifactKind.MATTE])
        faces = load_faces(inputs[ArtifactKind.CANVAS_FACES]).company
        if is_whole(matte):
            nearness, measured = scene_depth(image), Measured()
        else:
            nearness, measured = ctx.engines.depth(params.engine).estimate(image, matte, faces)
        depth = nearness**params.gamma
        save_unit16(ctx.output(ArtifactKind.DEPTH), depth)
        save_unit16(ctx.output(ArtifactKind.SUBJECT_DEPTH), subject_depth(depth, matte))
        save_unit16(ctx.output(ArtifactKind.PLATE_DEPTH), plate_depth(depth, matte))
        return measured
