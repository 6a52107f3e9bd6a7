"""Names of the arrays that cross module borders; shape, dtype and range are part of the name.

Pixel coordinates are continuous: x to the right, y down, and the centre of the top left pixel is
(0.5, 0.5), so that a point scales with the picture it belongs to.
"""

from typing import TypeAlias

import numpy as np
import numpy.typing as npt

ImageU8: TypeAlias = npt.NDArray[np.uint8]
"""(H, W, 3) sRGB-encoded red, green, blue, 0..255."""

ImageF32: TypeAlias = npt.NDArray[np.float32]
"""(H, W, 3) sRGB-encoded red, green, blue, 0..1."""

MaskU8: TypeAlias = npt.NDArray[np.uint8]
"""(H, W) 0 = outside, 255 = inside."""

MaskF32: TypeAlias = npt.NDArray[np.float32]
"""(H, W) 0 = outside, 1 = inside."""

DepthF32: TypeAlias = npt.NDArray[np.float32]
"""(H, W) nearness, 0 = farthest, 1 = nearest."""

DepthU16: TypeAlias = npt.NDArray[np.uint16]
"""(H, W) nearness, 0 = farthest, 65535 = nearest."""

LandmarksF32: TypeAlias = npt.NDArray[np.float32]
"""(478, 3) MediaPipe face mesh with irises: x, y in pixels, z in pixels of the same scale, smaller
is nearer. Indices are MediaPipe's; "left" is the subject's own left, the viewer's right."""

PointsF32: TypeAlias = npt.NDArray[np.float32]
"""(N, 2) x, y in pixels."""

FieldF32: TypeAlias = npt.NDArray[np.float32]
"""(H, W, 2) displacement x, y in pixels."""

HandF32: TypeAlias = npt.NDArray[np.float32]
"""(21, 3) MediaPipe hand: x, y in pixels, z in pixels of the same scale, smaller is nearer."""

PoseF32: TypeAlias = npt.NDArray[np.float32]
"""(33, 3) MediaPipe pose: x, y in pixels, visibility 0..1. "Left" is the subject's own left."""
