"""The outline of one eye in its own axes, read from landmarks."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from frame_app.base.arrays import ImageF32, ImageU8, LandmarksF32, MaskF32
from frame_app.base.optional import require
from prerender.portrait.anatomy import EyeIndices
from prerender.portrait.zone import Zone

Curve = npt.NDArray[np.float64]

SAMPLES = 65
"""Points of a curve from corner to corner."""


def rising(values: npt.NDArray[np.float64], step: float) -> npt.NDArray[np.float64]:
    """`values`, each at least `step` above the one before.

    In a head turned far away the landmarks of far eye and mouth corner fold over one another.
    """
    ramp = step * np.arange(len(values))
    return np.asarray(np.maximum.accumulate(values - ramp) + ramp)


@dataclass(frozen=True, slots=True, eq=False)
class EyeShape:
    """Eye axes: u is -1 and 1 at the corners, v in pixels at right angles to it, down positive."""

    centre: npt.NDArray[np.float64]
    across: npt.NDArray[np.float64]
    down: npt.NDArray[np.float64]
    half: float
    """Half the distance of the corners in pixels."""
    upper: Curve
    """(SAMPLES,) v of the upper lash line."""
    lower: Curve
    iris: npt.NDArray[np.float64]
    """(2,) its centre in pixels."""
    radius: float
    """Of the iris in pixels."""
    outer: int
    """Sign of u at the outer corner."""
    brow: float
    """v of the lower edge of the brow above the middle; negative."""

    @classmethod
    def of(cls, landmarks: LandmarksF32, indices: EyeIndices) -> "EyeShape":
        """Measure an eye; `landmarks` are in pixels of the picture that will be painted."""
        points = landmarks[:, :2].astype(np.float64)
        start, end = points[indices.upper[0]], points[indices.upper[-1]]
        half = max(float(np.linalg.norm(end - start)) / 2, 1.0)
        across = (end - start) / (2 * half)
        down = np.array([-across[1], across[0]])
        centre = (start + end) / 2

        def curve(ids: tuple[int, ...]) -> Curve:
            u = (points[list(ids)] - centre) @ across / half
            v = (points[list(ids)] - centre) @ down
            smooth = require("scipy.interpolate").PchipInterpolator(rising(u, 1e-4), v)
            return np.asarray(smooth(np.linspace(-1, 1, SAMPLES)))

        upper, lower = curve(indices.upper), curve(indices.lower)
        iris = points[indices.iris]
        brow = float(((points[list(indices.brow)] - centre) @ down).mean())
        radius = float(np.linalg.norm(points[list(indices.rim)] - iris, axis=1).mean())
        return cls(
            centre=centre,
            across=across,
            down=down,
            half=half,
            upper=upper,
            lower=np.maximum(lower, upper),
            iris=iris,
            radius=radius,
            outer=indices.outer,
            # Where a painter left the brow out, landmarks put it right on the lid.
            brow=min(brow, float(upper.min() - (lower - upper).max())),
        )

    def axes(self, x: MaskF32, y: MaskF32) -> tuple[MaskF32, MaskF32]:
        """Eye coordinates u, v of picture points."""
        dx, dy = x - self.centre[0], y - self.centre[1]
        u = (dx * self.across[0] + dy * self.across[1]) / self.half
        v = dx * self.down[0] + dy * self.down[1]
        return u.astype(np.float32), v.astype(np.float32)

    def along(self, curve: Curve, u: MaskF32) -> MaskF32:
        """A curve's value at each u; beyond a corner that of the corner."""
        return np.interp(u, np.linspace(-1, 1, SAMPLES), curve).astype(np.float32)

    @property
    def aperture(self) -> float:
        """Largest distance between the lids in pixels."""
        return max(float((self.lower - self.upper).max()), 1e-3)


@dataclass(frozen=True, slots=True, eq=False)
class EyePatch:
    """The part of a picture around an eye, with the eye's coordinates of every pixel."""

    base: ImageF32
    """Levels 0..255."""
    x: MaskF32
    """Picture coordinates of the pixels' centres."""
    y: MaskF32
    u: MaskF32
    v: MaskF32
    upper: MaskF32
    """v of the upper lash line in each pixel's column."""
    lower: MaskF32

    @classmethod
    def of(cls, picture: ImageU8, roi: tuple[int, int, int, int], shape: EyeShape) -> "EyePatch":
        """Cut `roi`, x0, y0, x1, y1, out of a picture."""
        x0, y0, x1, y1 = roi
        x, y = np.meshgrid(
            np.arange(x0, x1, dtype=np.float32) + 0.5, np.arange(y0, y1, dtype=np.float32) + 0.5
        )
        u, v = shape.axes(x, y)
        return cls(
            base=picture[y0:y1, x0:x1].astype(np.float32),
            x=x,
            y=y,
            u=u,
            v=v,
            upper=shape.along(shape.upper, u),
            lower=shape.along(shape.lower, u),
        )

    @property
    def opening(self) -> MaskF32:
        """Distance of the lids in each pixel's column."""
        return self.lower - self.upper

    @property
    def places(self) -> tuple[MaskF32, MaskF32]:
        """Where a lookup in a map of the whole patch finds its pixels."""
        return self.x - self.x[0, 0], self.y - self.y[0, 0]

    def taken(self, zone: Zone) -> "EyePatch":
        """Some pixels of a whole patch in a row."""
        maps = (self.base, self.x, self.y, self.u, self.v, self.upper, self.lower)
        return EyePatch(*map(zone.taken, maps))
