"""The networks on their device, with arrays in and out: read a face, then paint it moved."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from types import ModuleType
from typing import NamedTuple, Self

import numpy as np
import numpy.typing as npt

from frame_app.base.arrays import FieldF32, ImageU8
from frame_app.base.optional import require
from prerender.engines.liveportrait.files import load_net
from prerender.engines.liveportrait.keypoints import KeyFace, Points, key_face
from prerender.engines.liveportrait.layout import Sizes, heads
from prerender.engines.liveportrait.nets import (
    Appearance,
    Decoder,
    Motion,
    Perceptron,
    Still,
    Warped,
    Warping,
)
from prerender.engines.neural.batches import batch_size
from prerender.engines.neural.torch_runtime import Tensor, TorchModel, TorchNet
from prerender.engines.neural.torch_weights import EXTRA
from prerender.engines.neural.workbench import OutOfMemoryError, Workbench

_MOST = 8  # frames at once: more save a GPU no time; a CPU has none to win by more than one
# Bytes that each frame of a batch takes at the published sizes in single precision, measured on a
# CPU: 1.39 GB of peak memory for one frame, 2.43 GB for three.
_FRAME_BYTES = 550e6
_OFFICIAL_PX = 256
_SURFACE = 0.2  # volume units over which the depth of a keypoint is that of what lies around it
_ANYWHERE = 1e-4  # weight of every keypoint far away from all


class Painted(NamedTuple):
    """One frame as the networks paint it."""

    picture: npt.NDArray[np.float32]
    """(S, S, 3) RGB, 0..255, not rounded."""
    flow: FieldF32
    """(V, V, 2) where each place of the face's surface comes from, in pixels of the square."""


class _Painting:
    """F, W and G, together on a device."""

    def __init__(self, files: Mapping[str, Path], sizes: Sizes) -> None:
        self.appearance = Appearance(load_net("appearance", files, sizes), sizes)
        self.warping = Warping(load_net("warping", files, sizes), sizes)
        self.decoder = Decoder(load_net("decoder", files, sizes), sizes)

    def eval(self) -> Self:
        """They know no training."""
        return self

    def to(self, device: str) -> Self:
        for network in (self.appearance, self.warping, self.decoder):
            network.to(device)
        return self


class _Reading:
    """M and the three of S; always in single precision."""

    def __init__(self, files: Mapping[str, Path], sizes: Sizes) -> None:
        self.motion = Motion(load_net("motion", files, sizes), sizes)
        self.stitching, self.eye, self.lip = (
            Perceptron(load_net(net, files, sizes), sizes) for net in ("stitching", "eye", "lip")
        )

    def eval(self) -> Self:
        """They know no training."""
        return self

    def to(self, device: str) -> Self:
        for network in (self.motion, self.stitching, self.eye, self.lip):
            network.to(device)
        return self


class FacePainter:
    """See the module. One thread."""

    def __init__(
        self,
        files: Mapping[str, Path],
        sizes: Sizes,
        bench: Workbench,
        need_bytes: int = 0,
        name: str = "liveportrait",
    ) -> None:
        self.sizes = sizes
        self._painting = TorchModel(
            TorchNet(name, lambda: _Painting(files, sizes), need_bytes, allows_half=True), bench
        )
        self._reading = TorchModel(
            TorchNet(f"{name} motion", lambda: _Reading(files, sizes), need_bytes // 4), bench
        )
        self._batch = 0

    @property
    def side_px(self) -> int:
        """Of the square that is painted."""
        return 2 * self.sizes.side_px

    @property
    def batch(self) -> int:
        """Frames that go through at once: as many as the device has room for beside the networks.

        The last bit of a frame depends on it, so it goes by what the device has, not by what is
        free just now: a run that goes on tomorrow paints the same bytes. Where others have taken
        the memory meanwhile, batches are halved.
        """
        if not self._batch:
            room = self._painting.room_bytes()
            each = round(_FRAME_BYTES * (self.sizes.side_px / _OFFICIAL_PX) ** 2)
            self._batch = batch_size(room, each, _MOST) if room else 1
        return self._batch

    def close(self) -> None:
        """Free the networks."""
        self._painting.close()
        self._reading.close()

    def read(self, small: ImageU8) -> KeyFace:
        """What the motion network says of a face in a square of `sizes.side_px`."""
        found = self._reading.run(
            _planes(small),
            call=lambda nets, x: [nets.motion(x)[head] for head in heads(self.sizes)],
        )
        return key_face(dict(zip(heads(self.sizes), found, strict=True)))

    def still(self, small: ImageU8, points: Points) -> Still:
        """What is needed of a still face to paint it moved; lies on the device."""

        def prepared(nets: _Painting, picture: Tensor, source: Tensor) -> Still:
            return nets.warping.still(nets.appearance(picture).float(), source)

        made: Still = self._painting.compute(prepared, _planes(small), _batch_of([points]))
        return made

    def painted(self, still: Still, moved: Sequence[Points]) -> list[Painted]:
        """The face with its keypoints moved, once for each of at most `batch` sets of them.

        Raises:
            NetworkError: the networks cannot be run, or paint what is no picture.
        """
        points = _batch_of(moved)
        # Sums over a batch depend on its size: one size for all keeps the bytes of every frame.
        fill = max(0, self.batch - len(points))
        points = np.concatenate([points, np.repeat(points[-1:], fill, axis=0)])
        try:
            pictures, flows = self._painting.run(points, call=lambda n, x: _drawn(n, still, x))
        except OutOfMemoryError:
            self._batch = max(1, self.batch // 2)
            raise
        flows = flows * (self.side_px / 2)
        return [
            Painted(picture.transpose(1, 2, 0) * np.float32(255), flow)
            for picture, flow in zip(pictures[: len(moved)], flows, strict=False)
        ]

    def stitching(self, source: Points, moved: Points) -> Points:
        """(21, 3) what sews moved keypoints to shoulders that stay."""
        (found,) = self._reading.run(_row(source, moved), call=lambda nets, x: nets.stitching(x))
        count = source.size
        delta = found[0, :count].astype(np.float64).reshape(-1, 3)
        delta[:, :2] += found[0, count : count + 2]
        return np.asarray(delta)

    def lids(self, source: Points, openness: tuple[float, float], target: float) -> Points:
        """(21, 3) what brings eyes that are so far open, image-left first, to `target`."""
        (found,) = self._reading.run(
            _row(source, [*openness, target]), call=lambda nets, x: nets.eye(x)
        )
        return np.asarray(found[0], np.float64).reshape(-1, 3)

    def lips(self, source: Points, openness: float, target: float) -> Points:
        """(21, 3) what brings lips that are so far open to `target`."""
        (found,) = self._reading.run(
            _row(source, [openness, target]), call=lambda nets, x: nets.lip(x)
        )
        return np.asarray(found[0], np.float64).reshape(-1, 3)


def _drawn(nets: _Painting, still: Still, points: Tensor) -> tuple[Tensor, Tensor]:
    warped = nets.warping.moved(still, points)
    return nets.decoder(warped.features), surface_flow(warped, points)


def surface_flow(warped: Warped, points: Tensor) -> Tensor:
    """(B, H, W, 2) how far the surface moves, in volume units, out of the motion of the volume.

    The surface is where the keypoints are: its depth at a place is theirs, weighted by nearness.
    """
    torch: ModuleType = require("torch", extra=EXTRA)
    deformation = warped.deformation.float()
    depth, height, width = deformation.shape[1:4]
    axes = [torch.linspace(-1, 1, size, device=points.device) for size in (depth, height, width)]
    y, x = torch.meshgrid(axes[1], axes[2], indexing="ij")
    away = (x - points[:, :, 0, None, None]) ** 2 + (y - points[:, :, 1, None, None]) ** 2
    weight = torch.exp(-away / (2 * _SURFACE**2)) + _ANYWHERE
    surface = (weight * points[:, :, 2, None, None]).sum(dim=1) / weight.sum(dim=1)
    place = (surface.clamp(-1, 1) + 1) / 2 * (depth - 1)
    layers = torch.arange(depth, device=points.device)[None, :, None, None]
    share = (1 - (layers - place[:, None]).abs()).clamp(min=0)
    grid = torch.stack([x, y], dim=-1)
    return ((deformation[..., :2] - grid) * share[..., None]).sum(dim=1)


def _planes(picture: ImageU8) -> npt.NDArray[np.float32]:
    """(1, 3, S, S) 0..1."""
    return np.ascontiguousarray(picture.transpose(2, 0, 1)[None].astype(np.float32) / 255)


def _batch_of(points: Sequence[Points]) -> npt.NDArray[np.float32]:
    return np.asarray(points, np.float32)


def _row(source: Points, others: npt.ArrayLike) -> npt.NDArray[np.float32]:
    """(1, N) keypoints, and what goes beside them."""
    parts = [np.ravel(source), np.ravel(np.asarray(others, np.float64))]
    return np.concatenate(parts)[None].astype(np.float32)
