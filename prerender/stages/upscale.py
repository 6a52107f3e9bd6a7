"""Brings the picture to the size of the canvas."""

from collections.abc import Mapping
from pathlib import Path
from typing import Self

from pydantic import Field, model_validator

from frame_app.base.arrays import ImageU8
from prerender.core.faces import load_faces, save_faces
from prerender.core.stage import ArtifactKind, EngineParams, StageContext, StillStage
from prerender.engines.base import BUILTIN, Face, Measured
from prerender.engines.face_regions import soft_face_mask
from prerender.engines.noise import mix
from prerender.engines.registry import Task
from prerender.media.image import load_rgb, save_rgb

_SOFT = 3.0  # enlargement from which no built-in method invents enough detail


class UpscaleParams(EngineParams):
    """[stage.upscale] of a recipe; decides the canvas."""

    min_side_px: int = Field(default=1350, ge=256, le=8192)
    """Long side to which smaller pictures are enlarged."""

    max_side_px: int = Field(default=2160, ge=256, le=8192)
    """Long side to which larger pictures are reduced."""

    denoise: float = Field(default=0.5, ge=0.0, le=1.0)
    """How much noise goes with enlarging, in engines that have the choice (general-x4v3)."""

    skin: float = Field(default=0.6, ge=0.0, le=1.0)
    """How much of a network's detail faces get; the rest is plain enlargement, since networks draw
    pores and wrinkles that nobody has."""

    @model_validator(mode="after")
    def _is_a_range(self) -> Self:
        if self.min_side_px > self.max_side_px:
            msg = "min_side_px is larger than max_side_px"
            raise ValueError(msg)
        return self


class UpscaleStage(StillStage[UpscaleParams]):
    """Keeps the picture's shape; both sides become even, since video is 4:2:0."""

    name = "upscale"
    version = 2
    consumes = (ArtifactKind.COLOURED, ArtifactKind.FACES)
    produces = (ArtifactKind.ENLARGED, ArtifactKind.ENLARGED_FACES)
    task = Task.UPSCALE
    params_type = UpscaleParams

    def run(
        self, inputs: Mapping[ArtifactKind, Path], params: UpscaleParams, ctx: StageContext
    ) -> Measured:
        """See the class."""
        image = load_rgb(inputs[ArtifactKind.COLOURED])
        height, width = image.shape[:2]
        canvas_width, canvas_height = canvas_size(width, height, params)
        faces = load_faces(inputs[ArtifactKind.FACES])
        if (canvas_width, canvas_height) != (width, height):
            image = _enlarged(image, (canvas_width, canvas_height), faces.all, params, ctx)
        save_rgb(ctx.output(ArtifactKind.ENLARGED), image)
        faces = faces.scaled(canvas_width / width, canvas_height / height)
        save_faces(ctx.output(ArtifactKind.ENLARGED_FACES), faces)
        factor = canvas_width / width
        is_soft = factor > _SOFT and ctx.engines.upscale(params.engine).info.id == BUILTIN
        warnings = (f"enlarged {factor:.1f} times; fine detail is soft",) if is_soft else ()
        return Measured({"factor": round(factor, 3)}, warnings)


def _enlarged(
    image: ImageU8,
    size: tuple[int, int],
    faces: tuple[Face, ...],
    params: UpscaleParams,
    ctx: StageContext,
) -> ImageU8:
    """At `size`; a network's detail is held back on faces."""
    engine = ctx.engines.upscale(params.engine)
    large = engine.upscale(image, *size, params.denoise)
    if engine.info.id == BUILTIN or params.skin == 1.0 or not faces or size[0] <= image.shape[1]:
        return large
    plain = ctx.engines.upscale(BUILTIN).upscale(image, *size)
    scaled = tuple(
        face.scaled(size[0] / image.shape[1], size[1] / image.shape[0]) for face in faces
    )
    return mix(large, plain, (1 - params.skin) * soft_face_mask(scaled, (size[1], size[0])))


def canvas_size(width: int, height: int, params: UpscaleParams) -> tuple[int, int]:
    """Width and height of the canvas, even and in the picture's shape."""
    longest = max(width, height)
    scale = min(max(longest, params.min_side_px), params.max_side_px) / longest
    return max(2, 2 * round(width * scale / 2)), max(2, 2 * round(height * scale / 2))
