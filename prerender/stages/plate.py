"""The picture without its subject, and the poster: both put together as they will hang."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from frame_app.base.arrays import DepthF32, ImageU8, MaskF32
from frame_app.cliplib.schema import Eyes, Parallax, Point, Size
from prerender.core.faces import load_faces
from prerender.core.facts import SceneFacts, save_facts
from prerender.core.stage import ArtifactKind, EngineParams, StageContext, StillStage
from prerender.engines.base import Face, Measured
from prerender.engines.foreground import background_of
from prerender.engines.registry import Task
from prerender.engines.rim import hole_of, with_true_rim
from prerender.engines.still_life import is_whole
from prerender.media.image import (
    load_rgb,
    load_rgba,
    load_unit16,
    over,
    save_poster,
    save_rgb,
)
from prerender.media.provenance import xmp_packet

_TOUCHED = 0.01  # alpha from which a pixel holds some of the subject's colour
_RIGHT_IRIS, _LEFT_IRIS = 468, 473  # MediaPipe's indices of the iris centres


class PlateParams(EngineParams):
    """[stage.plate] of a recipe."""


class PlateStage(StillStage[PlateParams]):
    """Fills what the subject hides; needed by the library, not by the clips."""

    name = "plate"
    version = 3
    consumes = (
        ArtifactKind.CANVAS,
        ArtifactKind.MATTE,
        ArtifactKind.SUBJECT,
        ArtifactKind.DEPTH,
        ArtifactKind.CANVAS_FACES,
    )
    produces = (
        ArtifactKind.PLATE,
        ArtifactKind.POSTER,
        ArtifactKind.SCENE,
    )
    task = Task.PLATE
    params_type = PlateParams

    def run(
        self, inputs: Mapping[ArtifactKind, Path], params: PlateParams, ctx: StageContext
    ) -> Measured:
        """See the class."""
        image = load_rgb(inputs[ArtifactKind.CANVAS])
        matte = load_unit16(inputs[ArtifactKind.MATTE])
        depth = load_unit16(inputs[ArtifactKind.DEPTH])
        faces = load_faces(inputs[ArtifactKind.CANVAS_FACES])
        colour, alpha = load_rgba(inputs[ArtifactKind.SUBJECT])
        behind = background_of(image, colour, matte)
        if is_whole(matte):  # nothing is hidden behind the whole picture
            plate, measured = image, Measured()
        else:
            engine = ctx.engines.plate(params.engine)
            plate, measured = engine.fill(behind, hole_of(matte), faces.strangers)
            plate = with_true_rim(plate, behind, colour, matte)
        xmp = xmp_packet(generative=ctx.is_generative)
        save_rgb(ctx.output(ArtifactKind.PLATE), plate, xmp)
        shown = over(colour, alpha, plate)
        save_poster(ctx.output(ArtifactKind.POSTER), shown, xmp)
        save_facts(ctx.output(ArtifactKind.SCENE), _facts(depth, matte, faces.cast))
        scores = {**measured.scores, "composite_error": _difference(shown, image, matte)}
        return Measured(scores, measured.warnings)


def _facts(depth: DepthF32, matte: MaskF32, cast: tuple[Face, ...]) -> SceneFacts:
    height, width = depth.shape
    return SceneFacts(
        canvas=Size(width=width, height=height),
        eyes=_eyes(cast),
        max_shift=Parallax().max_shift,
        pivot=_pivot(depth, cast) if cast else _middle(depth, matte),
    )


def _eyes(cast: tuple[Face, ...]) -> Eyes | None:
    """A group looks at the viewer from the middle of all its eyes."""
    if not cast:
        return None
    right, left = np.mean([face.landmarks[[_RIGHT_IRIS, _LEFT_IRIS], :2] for face in cast], axis=0)
    return Eyes(
        left=Point(x=round(float(left[0]), 2), y=round(float(left[1]), 2)),
        right=Point(x=round(float(right[0]), 2), y=round(float(right[1]), 2)),
    )


def _middle(depth: DepthF32, matte: MaskF32) -> float:
    """Nearness of the middle of what is shown: a still life turns about itself."""
    return round(float(np.median(depth[matte > 0.5])), 4)


def _pivot(depth: DepthF32, cast: tuple[Face, ...]) -> float:
    """Nearness of the faces: who looks at the viewer keeps looking while the rest turns."""
    height, width = depth.shape
    mesh = np.concatenate([face.landmarks[:468] for face in cast])
    x = np.clip(mesh[:, 0].astype(int), 0, width - 1)
    y = np.clip(mesh[:, 1].astype(int), 0, height - 1)
    return round(float(np.median(depth[y, x])), 4)


def _difference(shown: ImageU8, image: ImageU8, matte: MaskF32) -> float:
    """Mean difference of the layers put together again from the picture, where layers mix."""
    mixed = (matte > _TOUCHED) & (matte < 1.0 - _TOUCHED)
    if not mixed.any():
        return 0.0
    difference = np.abs(shown[mixed].astype(np.int16) - image[mixed].astype(np.int16))
    return round(float(difference.mean()), 3)
