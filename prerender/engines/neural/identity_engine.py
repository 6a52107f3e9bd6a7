"""ArcFace: whether somebody is still the same, as a network that tells people apart sees it.

Contract: models.md 10.3. Five-point crop of 112, (x - 127.5) / 127.5, RGB; the cosine of two
answers is 1 for the same picture, and above about 0.4 for the same person.
"""

import numpy as np
import numpy.typing as npt

from frame_app.base.arrays import ImageU8
from prerender.engines.alignment import ARCFACE_112, Affine, cut_out, five_points, similarity
from prerender.engines.base import Face
from prerender.engines.neural.contract import need_bytes_of
from prerender.engines.neural.onnx_runtime import OnnxModel, OnnxNet, Port
from prerender.engines.neural.workbench import Workbench
from prerender.engines.weights import weights_room

_SIDE = 112
_SIGNATURE = (Port((None, 3, _SIDE, _SIDE)),), (Port((None, 512)),)
_STRANGERS = 0.4  # cosine: below, two pictures show two people

_F32 = npt.NDArray[np.float32]


class ArcFace:
    """`IdentityEngine` over ArcFace."""

    version = 1
    generative = False

    def __init__(self, model: str, bench: Workbench) -> None:
        room = weights_room()
        weights = room.open(model)
        self.info = room.info(model, self.version, generative=self.generative)
        net = OnnxNet(model, weights.files["weights"], *_SIGNATURE, need_bytes_of(model))
        self._model = OnnxModel(net, bench)

    def close(self) -> None:
        """Free the network."""
        self._model.close()

    def drift(self, before: ImageU8, after: ImageU8, faces: tuple[Face, ...]) -> tuple[float, ...]:
        """See `IdentityEngine.drift`; the crop is the same in both pictures."""
        return tuple(self._drift(before, after, face) for face in faces)

    def _drift(self, before: ImageU8, after: ImageU8, face: Face) -> float:
        matrix = similarity(five_points(face.landmarks), ARCFACE_112)
        if matrix is None:
            return 1.0  # nobody can be told in a face without extent
        cosine = float(self._embedding(before, matrix) @ self._embedding(after, matrix))
        return max(0.0, (1 - cosine) / (1 - _STRANGERS))

    def _embedding(self, image: ImageU8, matrix: Affine) -> _F32:
        crop = cut_out(image, matrix, _SIDE) * 2 - 1
        (found,) = self._model.run(np.ascontiguousarray(crop.transpose(2, 0, 1)[np.newaxis]))
        return np.asarray(found[0] / max(float(np.linalg.norm(found[0])), 1e-6), np.float32)
