"""Depth by Depth Anything V2, joined with the face mesh and cut along the matte.

Network: arXiv:2406.09414, through transformers. It says relative inverse depth: larger is nearer,
scale and offset mean nothing and differ from picture to picture. So the background is spread over
its share of the range by its own percentiles, and the subject is scaled until its face is as deep
as the mesh says.
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from frame_app.base.arrays import DepthF32, ImageU8, MaskF32
from frame_app.base.errors import WeightsError
from frame_app.base.optional import require
from prerender.engines.base import Face, Measured
from prerender.engines.builtin_depth import (
    PLATE_NEAREST,
    BuiltinDepth,
    depth_scores,
    layered,
    room_behind,
)
from prerender.engines.neural.contract import need_bytes_of
from prerender.engines.neural.torch_runtime import Module, TorchModel, TorchNet
from prerender.engines.neural.torch_weights import read_state_dict
from prerender.engines.neural.transformers_library import load_transformers
from prerender.engines.neural.workbench import NetworkError, NothingSeenError, Workbench
from prerender.engines.pyramid import push_pull
from prerender.engines.relief import face_height, subject_height
from prerender.engines.weights import OpenWeights, weights_room

_ENDS = (2.0, 98.0)  # percentiles that stand for the farthest and the nearest
_BLEED_PX = 3  # of the network's picture: its edges lie that far off the outline
_FARTHEST = 0.04  # nearness of the farthest background
_FLAT = 0.3  # of the picture's range: a background that spans less is a wall, and stays flat
_LEAST_PX = 64  # pixels that a fit or a percentile needs
_AGREED = 0.5  # correlation with the face mesh from which the network's scale is fitted to it
_SPAN = (0.5, 2.2)  # face heights from the farthest to the nearest of a subject, at least, at most
_UNFITTED = 0.9  # the same where no face tells

_F32 = npt.NDArray[np.float32]
_Bool = npt.NDArray[np.bool_]


class DepthAnything:
    """`DepthEngine` with a network; loads when first used."""

    version = 2
    generative = False

    def __init__(self, model: str, bench: Workbench) -> None:
        weights = weights_room().open(model)
        self.info = weights_room().info(model, self.version, generative=self.generative)
        self._model = model
        self._processor: Any = None
        self._preprocessor = weights.files["preprocessor"]
        net = TorchNet(model, lambda: _built(model, weights), need_bytes_of(model))
        self._net = TorchModel(net, bench)

    def close(self) -> None:
        """Free the memory."""
        self._net.close()

    def estimate(
        self, image: ImageU8, matte: MaskF32, faces: tuple[Face, ...]
    ) -> tuple[DepthF32, Measured]:
        """See `DepthEngine.estimate`."""
        try:
            look = self.look(image)
        except NothingSeenError as error:  # of one picture, which is no reason to do without it
            nearness, measured = BuiltinDepth().estimate(image, matte, faces)
            warning = f"{error}: the built-in engine made it"
            return nearness, Measured(measured.scores, (*measured.warnings, warning))
        nearness, fit = fused(look, matte, faces)
        scores = {**depth_scores(nearness, matte, faces), "depth_face_fit": round(fit, 3)}
        disagree = "the depth network and the face mesh disagree: the mesh was followed"
        warnings = (disagree,) if faces and fit < _AGREED else ()
        return nearness, Measured(scores, warnings)

    def look(self, image: ImageU8) -> DepthF32:
        """Relative inverse depth at the network's own size; larger is nearer.

        Raises:
            NothingSeenError: it sees no depth at all.
            NetworkError: it cannot be run.
        """
        if self._processor is None:
            settings = _read_json(self._preprocessor)
            self._processor = load_transformers().DPTImageProcessorPil.from_dict(settings)
        pixels = self._processor(image, return_tensors="np")["pixel_values"]
        (found,) = self._net.run(
            np.asarray(pixels, np.float32),
            call=lambda net, values: net(pixel_values=values).predicted_depth,
        )
        low, high = np.percentile(found[0], _ENDS)
        if not high - low > 1e-6 * max(abs(low), abs(high), 1e-6):
            raise NothingSeenError(self._model, "sees no depth in this picture")
        return np.asarray(found[0], np.float32)


@dataclass(frozen=True, slots=True, eq=False)
class _Seen:
    """The network's answer with matte and faces at its own size."""

    inverse: DepthF32
    matte: MaskF32
    faces: tuple[Face, ...]

    @property
    def span(self) -> float:
        """From far to near over the whole picture."""
        low, high = np.percentile(self.inverse, _ENDS)
        return float(high - low)


def fused(inverse: DepthF32, matte: MaskF32, faces: tuple[Face, ...]) -> tuple[DepthF32, float]:
    """Nearness of the picture, and the correlation with the face mesh (0 without a face).

    Args:
        inverse: Relative inverse depth of the whole picture, at any size.
        matte: Of the picture, at its full size.
        faces: In pixels of the picture.
    """
    cv2 = require("cv2")
    height, width = inverse.shape
    small = cv2.resize(matte, (width, height), interpolation=cv2.INTER_AREA)
    scale = (width / matte.shape[1], height / matte.shape[0])
    seen = _Seen(inverse, small, tuple(face.scaled(*scale) for face in faces))
    body, fit = _body(seen)
    shape = subject_height(seen.matte, seen.faces, body)
    return layered(shape, _behind(seen), matte), fit


def _behind(seen: _Seen) -> DepthF32:
    """Nearness of the background, continued behind the subject."""
    cv2 = require("cv2")
    height, width = seen.inverse.shape
    away = cv2.distanceTransform((seen.matte < 0.02).astype(np.uint8), cv2.DIST_L2, 5)
    ground = away > _BLEED_PX
    if int(ground.sum()) < _LEAST_PX:
        return room_behind(width, height)
    low, high = np.percentile(seen.inverse[ground], _ENDS)
    reach = max(float(high - low), _FLAT * seen.span, 1e-9)
    spread = np.clip((seen.inverse - low) / reach, 0.0, 1.0)
    nearness = _FARTHEST + spread * (PLATE_NEAREST - _FARTHEST)
    return push_pull(nearness.astype(np.float32), ground.astype(np.float32))


def _body(seen: _Seen) -> tuple[DepthF32, float]:
    """Height of the subject in face heights, continued beyond its outline; how well faces fit."""
    cv2 = require("cv2")
    solid = cv2.distanceTransform((seen.matte > 0.9).astype(np.uint8), cv2.DIST_L2, 5) > _BLEED_PX
    if int(solid.sum()) < _LEAST_PX:
        solid = seen.matte > 0.5
    if not solid.any():
        return np.zeros_like(seen.inverse), 0.0
    low, high = np.percentile(seen.inverse[solid], _ENDS)
    span = max(float(high - low), 1e-9)
    slope, offset, fit = _UNFITTED / span, 0.0, 0.0
    if seen.faces:
        mesh, meshed = face_height(seen.faces[0], seen.inverse.shape)
        core = meshed & solid
        if int(core.sum()) >= _LEAST_PX:
            slope, fit = _fitted(seen.inverse[core], mesh[core], slope)
            slope = float(np.clip(slope, _SPAN[0] / span, _SPAN[1] / span))
            offset = float(np.median(mesh[core] - slope * seen.inverse[core]))
    if offset == 0.0:
        offset = -slope * float(np.median(seen.inverse[solid]))
    height = np.asarray(slope * seen.inverse + offset, np.float32)
    return push_pull(height, solid.astype(np.float32)), fit


def _fitted(inverse: _F32, mesh: _F32, otherwise: float) -> tuple[float, float]:
    """Mesh height per step of the network by least squares, and how well they agree."""
    across, up = inverse - inverse.mean(), mesh - mesh.mean()
    power, both = float((across * across).mean()), float((across * up).mean())
    fit = both / max((power * float((up * up).mean())) ** 0.5, 1e-12)
    if fit < _AGREED:
        return otherwise, fit
    return both / power, fit


def _built(model: str, weights: OpenWeights) -> Module:
    """The network from exactly the files that were verified; nothing else in their folder is read.

    Raises:
        WeightsError: a file cannot be read.
        NetworkError: the files are of another network.
    """
    library = load_transformers()
    settings = _read_json(weights.files["config"])
    if settings.get("model_type") != "depth_anything":
        kind = settings.get("model_type")
        raise NetworkError(model, f"its config.json is of {kind}, not of depth_anything")
    state = read_state_dict(weights.files["weights"])
    try:
        config = library.DepthAnythingConfig.from_dict(settings)
        # the library's own door, since it gives the tensors of older files their present names
        network, report = library.DepthAnythingForDepthEstimation.from_pretrained(
            None, config=config, state_dict=state, output_loading_info=True, local_files_only=True
        )
    except (RuntimeError, ValueError, TypeError, KeyError, OSError) as error:
        problem = f"its weights do not fit its config.json ({str(error)[:200]})"
        raise NetworkError(model, problem) from error
    if absent := sorted(report["missing_keys"]):
        problem = f"its weights lack {len(absent)} tensors of its config.json ({absent[0]}, ...)"
        raise NetworkError(model, problem)
    return network


def _read_json(path: Path) -> dict[str, Any]:
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise WeightsError(path, f"is no readable JSON ({error})") from error
    if not isinstance(value, dict):
        raise WeightsError(path, "holds no table")
    return value
