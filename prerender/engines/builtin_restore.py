"""Gentle restoration: lattice, marks, noise, tone, each as far as it is measured to be there."""

import numpy as np
import numpy.typing as npt

from frame_app.base.arrays import ImageU8, MaskU8
from frame_app.base.errors import UsageError
from frame_app.base.optional import require
from prerender.engines.base import BUILTIN, EngineInfo, Face, Measured
from prerender.engines.blemish import fill_blemishes, find_blemishes
from prerender.engines.deblock import BLOCKY, blockiness, deblock
from prerender.engines.face_regions import face_mask, feature_mask
from prerender.engines.noise import denoise, grain_of, noise_sigma
from prerender.engines.tone import apply_tone, tone_of

_QUIET = 2.0  # sigma, 0..255: below, it is the surface of the picture, which is left as it is
_NOISY = 6.0  # sigma from which denoising works at its full share
_FEATURES_SHARE = 0.35  # of the denoising that eyes and lips get
_HEAVY = (6.0, 14.0)  # sigma between which noise grows from grain into damage
_HEAVY_MORE = 0.8  # how much further damage is taken out than grain
_HEAVY_FEATURES = 0.45  # added to `_FEATURES_SHARE`: noisy eyes in smooth skin look ill
_HEAD = 0.45  # face heights around the face that are hair, and have lights that look like dust
_DAMAGED = 0.02  # share of the picture from which marks deserve a warning


class BuiltinRestore:
    """`RestoreEngine` on the CPU."""

    info = EngineInfo(id=BUILTIN, version=3)

    def __init__(self) -> None:
        self._cv2 = require("cv2")

    def restore(
        self, image: ImageU8, faces: tuple[Face, ...], strength: float
    ) -> tuple[ImageU8, Measured]:
        """See `RestoreEngine.restore`."""
        if not 0.0 <= strength <= 1.0:
            raise UsageError(f"restoration strength {strength}: 0 to 1 is meant")
        shape = (image.shape[0], image.shape[1])
        lattice = blockiness(image)
        grain = grain_of(self._luma(image))
        sigma = grain.sigma
        scores = {
            "noise_sigma": sigma,
            "noise_removable": grain.removable,
            "blockiness": lattice,
        }
        if strength == 0.0:
            return image.copy(), Measured(scores)
        result = deblock(image, strength) if lattice > BLOCKY else image
        features = feature_mask(faces, shape)
        marks = find_blemishes(result, sigma, features, face_mask(faces, shape, _HEAD))
        result = _towards(result, fill_blemishes(result, marks.mask, sigma), strength)
        result = self._denoised(result, grain.removable, features, strength)
        tone = tone_of(result, strength)
        result = apply_tone(result, tone)
        scores |= {
            "noise_sigma_after": noise_sigma(self._luma(result)),
            "dust_specks": float(marks.specks),
            "scratches": float(marks.scratches),
            "mended_share": float((marks.mask > 0).mean()),
            "black_point": tone.black,
            "white_point": tone.white,
            "contrast_gain": tone.gain,
            "cast_correction": tone.cast,
            "monochrome": float(tone.is_monochrome),
        }
        return result, Measured(scores, _warnings(scores))

    def _luma(self, image: ImageU8) -> npt.NDArray[np.uint8]:
        return np.asarray(self._cv2.cvtColor(image, self._cv2.COLOR_RGB2GRAY), np.uint8)

    def _denoised(self, image: ImageU8, sigma: float, features: MaskU8, strength: float) -> ImageU8:
        if sigma < _QUIET:
            return image
        heavy = min(1.0, max(0.0, (sigma - _HEAVY[0]) / (_HEAVY[1] - _HEAVY[0])))
        share = strength * min(1.0, (sigma - _QUIET) / (_NOISY - _QUIET))
        share = min(1.0, share * (1 + _HEAVY_MORE * heavy))
        spared = 1 - (_FEATURES_SHARE + _HEAVY_FEATURES * heavy)
        soft = self._cv2.GaussianBlur(features, (0, 0), 2.0).astype(np.float32) / 255
        return denoise(image, sigma, share * (1 - spared * soft))


def _towards(image: ImageU8, mended: ImageU8, strength: float) -> ImageU8:
    """A mark half taken away is still a mark: from a small strength on it goes wholly."""
    return mended if strength >= 0.15 else image


def _warnings(scores: dict[str, float]) -> tuple[str, ...]:
    found = []
    if scores["mended_share"] > _DAMAGED:
        found.append("the picture is badly scratched or dusty; look at what was mended")
    if scores["noise_removable"] > 12:
        found.append("the picture is very noisy; fine detail of the face may be noise")
    if scores["blockiness"] > 2.0:
        found.append("the file is strongly compressed; a better copy would animate better")
    return tuple(found)
