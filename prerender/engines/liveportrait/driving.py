"""A video of a face read as a motion template.

Two passes, so that all frames share one square and no more than one is in memory.
"""

from collections.abc import Callable, Iterable

import numpy as np

from frame_app.base.arrays import ImageU8, LandmarksF32
from frame_app.base.errors import UsageError
from frame_app.base.optional import require
from prerender.engines.base import FaceEngine
from prerender.engines.liveportrait.crop import eye_openness, lip_openness, video_crop
from prerender.engines.liveportrait.keypoints import KeyFace
from prerender.engines.liveportrait.painter import FacePainter
from prerender.engines.liveportrait.template import Template
from prerender.engines.liveportrait.transfer import smoothed

_SMOOTH_S = 0.04  # the networks read each frame by itself, and tremble a little
_SEEN = 0.9  # of the frames that have to show a face


def template_of_video(
    frames: Callable[[], Iterable[ImageU8]], fps: float, finder: FaceEngine, painter: FacePainter
) -> Template:
    """The motion of the largest face of a video.

    Args:
        frames: Gives the pictures from the first on; called twice.
        fps: Pictures per second.
        finder: Finds the face in each.
        painter: Whose motion network reads it.

    Raises:
        UsageError: a face is seen in too few frames.
    """
    meshes: list[LandmarksF32 | None] = []
    for picture in frames():
        found = finder.find(picture)
        meshes.append(found[0].landmarks if found else None)
    seen = [mesh for mesh in meshes if mesh is not None]
    if not meshes or len(seen) < _SEEN * len(meshes):
        msg = f"a face is seen in {len(seen)} of {len(meshes)} frames of the driving video"
        raise UsageError(msg)
    cv2, side = require("cv2"), painter.sizes.side_px
    crop = video_crop(seen, painter.side_px)
    read: list[KeyFace] = []
    last = seen[0]
    eyes, lips, points = [], [], []
    for picture, mesh in zip(frames(), meshes, strict=True):
        last = last if mesh is None else mesh
        small = cv2.resize(crop.cut(picture, cv2), (side, side), interpolation=cv2.INTER_AREA)
        face = painter.read(np.asarray(small, np.uint8))
        read.append(face)
        points.append(face.laid())
        eyes.append(eye_openness(last))
        lips.append(lip_openness(last))
    template = Template(
        fps=fps,
        rotation=np.asarray([face.rotation for face in read], np.float32),
        expression=np.asarray([face.expression for face in read], np.float32),
        scale=np.asarray([face.scale for face in read], np.float32),
        place=np.asarray([face.place for face in read], np.float32),
        points=np.asarray(points, np.float32),
        eyes=np.asarray(eyes, np.float32),
        lips=np.asarray(lips, np.float32),
    )
    return smoothed(template, _SMOOTH_S)
