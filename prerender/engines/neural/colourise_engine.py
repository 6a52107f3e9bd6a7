"""DDColor: colours for a picture that has none, as a network guesses them.

The network sees the lightness of a small square as grey RGB and answers CIELAB's a and b for it;
the picture keeps its own lightness, at its own size (DDColor, colorization_pipeline.py).
"""

from typing import Any

import numpy as np
import numpy.typing as npt

from frame_app.base.arrays import ImageU8
from frame_app.base.optional import require
from prerender.engines.neural.contract import need_bytes_of
from prerender.engines.neural.spandrel_nets import network
from prerender.engines.neural.torch_runtime import TorchModel, TorchNet
from prerender.engines.neural.torch_weights import read_state_dict
from prerender.engines.neural.workbench import NetworkError, Workbench
from prerender.engines.weights import weights_room

_ARCHITECTURE = "DDColor"
_MOST = 110.0  # CIELAB: the a and b of the purest colours of sRGB; more is a broken answer's
_CHANNELS = 2
_WHITE = np.array([0.950456, 1.0, 1.088754], np.float32)  # D65
_TO_RGB = np.array(  # linear sRGB, IEC 61966-2-1
    [
        [3.240479, -1.53715, -0.498535],
        [-0.969256, 1.875991, 0.041556],
        [0.055648, -0.204043, 1.057311],
    ],
    np.float32,
)

_F32 = npt.NDArray[np.float32]


class DDColor:
    """`ColouriseEngine` over DDColor."""

    version = 1
    generative = True

    def __init__(self, model: str, bench: Workbench) -> None:
        room = weights_room()
        weights = room.open(model)
        self.info = room.info(model, self.version, generative=self.generative)
        self._cv2 = require("cv2")
        self._side = int(str(weights.contract["side"]))

        def build() -> Any:  # noqa: ANN401 (torch.nn.Module)
            return network(read_state_dict(weights.files["weights"]), model, _ARCHITECTURE).model

        self._name = model
        self._model = TorchModel(TorchNet(model, build, need_bytes_of(model)), bench)

    def close(self) -> None:
        """Free the network."""
        self._model.close()

    def colourise(self, image: ImageU8) -> ImageU8:
        """See `ColouriseEngine.colourise`."""
        cv2 = self._cv2
        height, width = image.shape[:2]
        lightness = cv2.cvtColor(image.astype(np.float32) / 255, cv2.COLOR_RGB2LAB)[..., 0]
        small = cv2.resize(image, (self._side, self._side), interpolation=cv2.INTER_AREA)
        grey = cv2.cvtColor(small.astype(np.float32) / 255, cv2.COLOR_RGB2LAB)
        grey[..., 1:] = 0
        grey = cv2.cvtColor(grey, cv2.COLOR_LAB2RGB)
        (found,) = self._model.run(np.ascontiguousarray(grey.transpose(2, 0, 1)[np.newaxis]))
        if found.shape != (1, _CHANNELS, self._side, self._side):
            raise NetworkError(self._name, f"its answer has the shape {found.shape}: another one")
        colours = np.clip(found[0].transpose(1, 2, 0), -_MOST, _MOST)
        colours = cv2.resize(colours, (width, height), interpolation=cv2.INTER_LINEAR)
        return np.asarray(np.rint(255 * _in_gamut(lightness, colours)), np.uint8)


def _in_gamut(lightness: _F32, colours: _F32) -> _F32:
    """CIELAB to sRGB 0..1; colours that a screen cannot show are made paler, never lighter.

    Lightness is luminance, and luminance is linear: on the way from grey to the colour it is the
    same everywhere, so the last point that can be shown is taken.
    """
    level = (lightness + 16) / 116
    offsets = (colours[..., 0] / 500, 0.0, -colours[..., 1] / 200)
    xyz = np.stack([_linear(level + offset) for offset in offsets], axis=-1) * _WHITE
    grey = xyz[..., 1:2]
    away = xyz @ _TO_RGB.T - grey
    room = np.where(away > 0, 1 - grey, grey)
    share = np.minimum(1, (room / np.maximum(np.abs(away), 1e-6)).min(axis=-1, keepdims=True))
    linear = np.clip(grey + share * away, 0, 1)
    encoded = np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)
    return np.asarray(encoded, np.float32)


def _linear(value: _F32) -> _F32:
    """The inverse of CIELAB's cube root with its straight foot."""
    foot = 6 / 29
    cube = np.where(value > foot, value**3, 3 * foot**2 * (value - 4 / 29))
    return np.asarray(cube, np.float32)
