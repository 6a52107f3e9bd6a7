"""Fading and casts, undone in part, and only where the picture itself proves them.

Many good pictures have no black, no white or a warm palette, so one of these alone says nothing.
A print has faded when its blacks are lifted and its whites dimmed at once. Its paper has yellowed
when the lights, which lie close together, are full in red, nearly so in green and poor in blue: a
painter's lights are darker, more orange or many-coloured. A monochrome picture keeps its tone.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from frame_app.base.arrays import ImageU8
from frame_app.base.optional import require

_BLACK, _WHITE = 12.0, 243.0  # 0..255: where the ends of a good print lie
_LIFTED_BLACK = (45.0, 60.0)  # 0..255: clean pictures have 0 to 43; above, believed ever more...
_NO_BLACK = 105.0  # ...up to here: what has nothing darker shows a pale thing
_DIMMED_WHITE = 225.0  # a faded white is darker
_MOST_GAIN = 2.0  # at full strength
_MOST_SHIFT = 80.0  # 0..255: how far an end of the scale may move
_DIM = 110.0  # 0..255: a picture whose lights end below was exposed too little
_RAISED = 190.0  # where such lights go at full strength
_MOST_LIFT = 4.0  # more would show nothing but noise
_CAST_SHARE = 0.6
_MOST_CAST = 40.0  # 0..255, of a faded print, at full strength
_PAPER = 0.04  # of the scale, below the whitest: what may be paper
_PAPER_RED = 240.0  # 0..255: least red of paper
_PAPER_GREEN = (0.88, 0.92)  # of its red, from none to full belief
_PAPER_BLUE = (0.58, 0.66)  # of its red: less is paint; a clean Mona Lisa has 0.54 to 0.57...
_WHITE_BLUE = (0.80, 0.86)  # ...and clean lights of other pictures 0.88 and more
_PAPER_SPREAD = 14.0  # 0..255: most spread of red minus blue within it
_MEANT = (60.0, 120.0)  # 0..255: spread of a tint between which it passes into a palette
_MONOCHROME = 0.054  # of the range of L*: spread of colours around the curve of tints that is one
_LEAST_RANGE = 20.0  # of L*: less is a flat picture
_GRAIN_PX = 2.0  # blur that takes coloured grain away
_ENDS = (0.5, 99.5)  # percentiles

_F64 = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Tone:
    """A correction, and what led to it."""

    table: npt.NDArray[np.uint8]
    """(256, 3) new value of each old one per channel."""
    black: float
    white: float
    gain: float
    cast: float
    """Largest shift of a channel, 0..255."""
    is_monochrome: bool


def tone_of(image: ImageU8, strength: float) -> Tone:
    """What age did, and a table that takes part of it back; `strength` 0..1."""
    cv2 = require("cv2")
    step = max(1, round((image.shape[0] * image.shape[1] / 250_000) ** 0.5))
    sample = np.ascontiguousarray(image[::step, ::step])
    luma = cv2.cvtColor(sample, cv2.COLOR_RGB2GRAY)
    black, white = (float(value) for value in np.percentile(luma, _ENDS))
    monochrome = is_monochrome(sample)
    faded = _fading(black, white)
    scale, shift = _stretch(black, white, strength * faded)
    if white < _DIM and black <= _BLACK:
        scale = 1 + (min(_MOST_LIFT, _RAISED / max(white, 1.0)) - 1) * strength
        shift = black - black * scale
    ramp = np.arange(256, dtype=np.float64)[:, np.newaxis] * scale + shift
    ramp = ramp - (scale - 1) * faded * _tint(
        sample
    )  # colours come back, the paper's tint does not
    low, high = np.zeros(3), np.zeros(3)
    if faded > 0 and not monochrome:
        low, high = (faded * scale * tint for tint in _casts(sample, black, white))
    elif not monochrome:
        high = -_CAST_SHARE * _yellowing(sample, luma, black, white)
    at = np.linspace(0.0, 1.0, 256)[:, np.newaxis]
    correction = -strength * ((1 - at) * low + at * high)
    table = np.clip(np.rint(ramp + correction), 0, 255).astype(np.uint8)
    cast = float(np.abs(correction).max())
    return Tone(table, black, white, scale, cast, monochrome)


def apply_tone(image: ImageU8, tone: Tone) -> ImageU8:
    """The corrected picture; the tint of a monochrome one is no stronger than it was."""
    cv2 = require("cv2")
    if not tone.is_monochrome:
        return np.asarray(cv2.LUT(image, np.ascontiguousarray(tone.table[np.newaxis])), np.uint8)
    change = tone.table[:, 1].astype(np.int16) - np.arange(256, dtype=np.int16)
    luma = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)
    shifted = np.clip(image + change[luma][..., np.newaxis], 0, 255)
    return np.asarray(shifted, np.uint8)


def is_monochrome(image: ImageU8) -> bool:
    """Whether all colours are one tint per lightness, as in grey or sepia prints."""
    cv2 = require("cv2")
    smooth = cv2.GaussianBlur(image.astype(np.float32) / 255, (0, 0), _GRAIN_PX)
    lab = cv2.cvtColor(smooth, cv2.COLOR_RGB2LAB).reshape(-1, 3)
    bins = np.clip(lab[:, 0] / 5, 0, 19).astype(np.int64)
    counts = np.maximum(np.bincount(bins, minlength=20), 1)
    spread = 0.0
    for channel in (1, 2):
        means = np.bincount(bins, lab[:, channel], 20) / counts
        spread += float(np.mean((lab[:, channel] - means[bins]) ** 2))
    low, high = np.percentile(lab[:, 0], (1, 99))  # colours fade as lights and shadows do
    return bool(spread**0.5 < _MONOCHROME * max(float(high - low), _LEAST_RANGE))


def _fading(black: float, white: float) -> float:
    """0..1: how much the ends of the scale speak for a faded print."""
    if black > _NO_BLACK or white > _DIMMED_WHITE:
        return 0.0
    return _ramp(black, _LIFTED_BLACK)


def _ramp(value: float, ends: tuple[float, float]) -> float:
    return min(1.0, max(0.0, (value - ends[0]) / (ends[1] - ends[0])))


def _stretch(black: float, white: float, strength: float) -> tuple[float, float]:
    """Scale and shift that bring the ends part of the way to where they belong."""
    if strength == 0.0 or white - black < 8:
        return 1.0, 0.0
    low = black - strength * min(max(black - _BLACK, 0.0), _MOST_SHIFT)
    high = white + strength * min(max(_WHITE - white, 0.0), _MOST_SHIFT)
    scale = (high - low) / (white - black)
    most = 1 + (_MOST_GAIN - 1) * strength
    if scale <= most:
        return scale, low - black * scale
    fixed = (low - black * scale) / (1 - scale)  # held back, lights and shadows lose alike
    return most, fixed * (1 - most)


def _yellowing(sample: ImageU8, luma: npt.NDArray[np.uint8], black: float, white: float) -> _F64:
    """What each channel of white paper lacks, 0..255, as far as there is such paper."""
    lights = sample[luma >= white - _PAPER * (white - black)].astype(np.float64)
    red, green, blue = np.median(lights, axis=0)
    apart = np.abs((lights[:, 0] - lights[:, 2]) - (red - blue))
    if red < _PAPER_RED or float(np.quantile(apart, 0.8)) > _PAPER_SPREAD:
        return np.zeros(3)
    believed = _ramp(green / red, _PAPER_GREEN) * _ramp(blue / red, _PAPER_BLUE)
    believed *= 1 - _ramp(blue / red, _WHITE_BLUE)
    return np.asarray(believed * (red - np.array([red, green, blue])), np.float64)


def _tint(sample: ImageU8) -> _F64:
    """How far the mean of each channel is from grey, 0..255."""
    mean = sample.reshape(-1, 3).mean(axis=0)
    return np.asarray(mean - mean @ (0.299, 0.587, 0.114), np.float64)


def _casts(sample: ImageU8, black: float, white: float) -> tuple[_F64, _F64]:
    """Tint per channel of the darkest and the lightest parts, already limited."""
    pixels = sample.reshape(-1, 3).astype(np.float64)
    luma = pixels @ (0.299, 0.587, 0.114)
    ends = []
    for part in (luma <= black + 0.06 * (white - black), luma >= white - 0.06 * (white - black)):
        tint = pixels[part].mean(axis=0) if part.any() else np.zeros(3)
        tint = tint - tint.mean()
        strong = float(np.ptp(tint))
        believed = min(1.0, max(0.0, (_MEANT[1] - strong) / (_MEANT[1] - _MEANT[0])))
        ends.append((tint, _CAST_SHARE * believed))
    (low, low_share), (high, high_share) = ends
    # age tints lights and shadows alike; lights and shadows of different tints are a palette
    lengths = float(np.linalg.norm(low) * np.linalg.norm(high))
    alike = max(0.0, float(low @ high) / lengths) if lengths > 0 else 0.0
    limit = _MOST_CAST
    return (
        np.clip(alike * low_share * low, -limit, limit),
        np.clip(alike * high_share * high, -limit, limit),
    )
