"""The matte by a segmentation network, refined like the built-in one.

Networks: BiRefNet (arXiv:2401.03407), RMBG-2.0, U2-Net (arXiv:2005.09007), IS-Net
(arXiv:2203.03041), as the ONNX files of rembg. What goes in and out is rembg's, to the same
numbers; rembg itself is not used, since it hashes, and on a difference downloads, at every start.
They are trained on hard outlines, so hair is left to closed-form matting.
"""

import contextlib
from typing import Literal

import numpy as np
import numpy.typing as npt
from PIL import Image

from frame_app.base.arrays import ImageU8, MaskF32
from frame_app.base.optional import require
from prerender.engines.base import Face, Measured
from prerender.engines.builtin_matte import BuiltinMatte
from prerender.engines.matting import Sitting, kept_parts, matte_from, sitting_of
from prerender.engines.neural.contract import Terms, need_bytes_of, terms_of
from prerender.engines.neural.onnx_runtime import OnnxModel, OnnxNet, Port
from prerender.engines.neural.workbench import NothingSeenError, Workbench
from prerender.engines.segmentation import share_of
from prerender.engines.weights import weights_room

_NOBODY = 0.1  # range of the answer, 0..1, below which nothing stands out of the picture
_SURE = (0.05, 0.95)  # alpha outside of which the network is believed
_NET_STEPS = 1.5  # half width of the band of doubt, in pixels of the network
_BAND = 0.006  # the same, at least, in face sizes
_REACH = 0.25  # face sizes from the solid subject within which the half-sure may belong to it
_HAIR_BAND = 0.05  # extra width outside around the hair, in face sizes

_F32 = npt.NDArray[np.float32]


class MatteTerms(Terms):
    """What one ONNX file of a segmentation network expects and answers."""

    side: int
    """Pixels of the square it sees, whatever the picture's shape."""
    mean: tuple[float, float, float]
    std: tuple[float, float, float]
    divide: Literal["own", "255"]
    """By the picture's own maximum, as rembg does, or by 255."""
    output: Literal["logits", "alpha"]
    """What comes out, before it is stretched to 0..1."""


class OnnxMatte:
    """`MatteEngine` with a network; loads when first used."""

    version = 4
    generative = False

    def __init__(self, model: str, bench: Workbench) -> None:
        weights = weights_room().open(model)
        self.info = weights_room().info(model, self.version, generative=self.generative)
        self._terms = terms_of(model, weights, MatteTerms)
        side = self._terms.side
        net = OnnxNet(
            model,
            weights.files["weights"],
            (Port((1, 3, side, side)),),
            (Port((1, 1, side, side)),),
            need_bytes_of(model),
        )
        self._net = OnnxModel(net, bench)

    def close(self) -> None:
        """Free the memory."""
        self._net.close()

    def matte(
        self, image: ImageU8, faces: tuple[Face, ...], others: tuple[Face, ...] = ()
    ) -> tuple[MaskF32, Measured]:
        """See `MatteEngine.matte`."""
        try:
            look = self.look(image)
        except NothingSeenError as error:  # of one picture, which is no reason to do without it
            with contextlib.closing(BuiltinMatte()) as builtin:
                alpha, measured = builtin.matte(image, faces, others)
            warning = f"{error}: the built-in engine cut the outline"
            return alpha, Measured(measured.scores, (*measured.warnings, warning))
        sitting = sitting_of(image, faces, others)
        height, width = sitting.anchor.shape
        seen = resized(look, width, height)
        seen *= share_of(sitting.faces, sitting.others, height, width)
        guess, known = self._trimap(sitting, seen)
        return matte_from(image, sitting, guess, known)

    def look(self, image: ImageU8) -> MaskF32:
        """What the network says, stretched to 0..1, as a square of its own side.

        Raises:
            NothingSeenError: nobody stands out.
            NetworkError: the network cannot be run.
        """
        (answer,) = self._net.run(prepared(image, self._terms))
        chance = answer[0, 0]
        if self._terms.output == "logits":
            chance = np.asarray(1.0 / (1.0 + np.exp(-chance.astype(np.float64))), np.float32)
        low, high = float(chance.min()), float(chance.max())
        if high - low < _NOBODY:
            raise NothingSeenError(self._net.name, "sees nobody in this picture")
        return np.asarray((chance - low) / (high - low), np.float32)

    def _trimap(self, sitting: Sitting, seen: MaskF32) -> tuple[MaskF32, MaskF32]:
        """The guess, and the sure pixels with NaN between."""
        cv2 = require("cv2")
        solid = kept_parts((seen > 0.5) | sitting.anchor, sitting.anchor)
        step = max(seen.shape) / self._terms.side
        band = max(1, round(_NET_STEPS * step), round(_BAND * sitting.face_px))
        hair = max(1, round(_HAIR_BAND * sitting.face_px))
        outward = cv2.distanceTransform((~solid).astype(np.uint8), cv2.DIST_L2, 5)
        padded = np.pad(
            solid.astype(np.uint8), 1, mode="edge"
        )  # the picture's border is no outline
        inward = cv2.distanceTransform(padded, cv2.DIST_L2, 5)[1:-1, 1:-1]
        near = (outward <= band) | (sitting.hair & (outward <= band + hair))
        half = (seen > _SURE[0]) & (outward < _REACH * sitting.face_px)
        known = np.full(seen.shape, np.nan, np.float32)
        known[~near & ~half] = 0.0
        known[((inward > band) & (seen > _SURE[1])) | sitting.anchor] = 1.0
        return np.maximum(seen, sitting.anchor.astype(np.float32)), known


def prepared(image: ImageU8, terms: MatteTerms) -> _F32:
    """(1, 3, side, side) as the network wants it; see `MatteTerms`."""
    square = (terms.side, terms.side)
    small = np.asarray(Image.fromarray(image).resize(square, Image.Resampling.LANCZOS))
    most = max(float(small.max()), 1e-6) if terms.divide == "own" else 255.0
    values = (small / most - np.array(terms.mean)) / np.array(terms.std)
    return np.ascontiguousarray(values.transpose(2, 0, 1)[np.newaxis], np.float32)


def resized(mask: MaskF32, width: int, height: int) -> MaskF32:
    """A mask at another size and shape: Lanczos on 8 bits, as rembg does it."""
    picture = Image.fromarray((mask * 255).astype(np.uint8))
    wide = picture.resize((width, height), Image.Resampling.LANCZOS)
    return np.asarray(wide, np.float32) / np.float32(255)
