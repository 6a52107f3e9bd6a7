"""Brings the picture to the size of the canvas."""

from collections.abc import Mapping
from pathlib import Path
from typing import Self

from pydantic import Field, model_validator

from prerender.core.faces import load_faces, save_faces
from prerender.core.stage import ArtifactKind, EngineParams, StageContext, StillStage
from prerender.engines.base import Measured
from prerender.engines.registry import Task
from prerender.media.image import load_rgb, save_rgb

_SOFT = 3.0  # enlargement from which no built-in method invents enough detail


class UpscaleParams(EngineParams):
    """[stage.upscale] of a recipe; decides the canvas."""

    min_side_px: int = Field(default=1350, ge=256, le=8192)
    """Long side to which smaller pictures are enlarged."""

    max_side_px: int = Field(default=2160, ge=256, le=8192)
    """Long side to which larger pictures are reduced."""

    @model_validator(mode="after")
    def _is_a_range(self) -> Self:
        if self.min_side_px > self.max_side_px:
            msg = "min_side_px is larger than max_side_px"
            raise ValueError(msg)
        return self


class UpscaleStage(StillStage[UpscaleParams]):
    """Keeps the picture's shape; both sides become even, since video is 4:2:0."""

    name = "upscale"
    version = 1
    consumes = (ArtifactKind.RESTORED, ArtifactKind.FACES)
    produces = (ArtifactKind.CANVAS, ArtifactKind.CANVAS_FACES)
    task = Task.UPSCALE
    params_type = UpscaleParams

    def run(
        self, inputs: Mapping[ArtifactKind, Path], params: UpscaleParams, ctx: StageContext
    ) -> Measured:
        """See the class."""
        image = load_rgb(inputs[ArtifactKind.RESTORED])
        height, width = image.shape[:2]
        canvas_width, canvas_height = canvas_size(width, height, params)
        faces = load_faces(inputs[ArtifactKind.FACES])
        if (canvas_width, canvas_height) != (width, height):
            image = ctx.engines.upscale(params.engine).upscale(image, canvas_width, canvas_height)
        save_rgb(ctx.output(ArtifactKind.CANVAS), image)
        faces = faces.scaled(canvas_width / width, canvas_height / height)
        save_faces(ctx.output(ArtifactKind.CANVAS_FACES), faces)
        factor = canvas_width / width
        warnings = (f"enlarged {factor:.1f} times; fine detail is soft",) if factor > _SOFT else ()
        return Measured({"factor": round(factor, 3)}, warnings)


def canvas_size(width: int, height: int, params: UpscaleParams) -> tuple[int, int]:
    """Width and height of the canvas, even and in the picture's shape."""
    longest = max(width, height)
    scale = min(max(longest, params.min_side_px), params.max_side_px) / longest
    return max(2, 2 * round(width * scale / 2)), max(2, 2 * round(height * scale / 2))
