"""The network of RIFE 4.25 and 4.26, written for this project against its published facts.

Method: Huang et al., "Real-Time Intermediate Flow Estimation", ECCV 2022 (arXiv:2011.06294). Flow
from a wanted time to both frames is refined from coarse to fine in five blocks; both frames are
gathered along it and mixed by a mask. Names of the tensors are those of the authors' files.
"""

from collections.abc import Mapping
from typing import Any

from frame_app.base.optional import require
from prerender.engines.neural.torch_runtime import Module, Tensor
from prerender.engines.neural.workbench import NetworkError

MULTIPLE = 64
"""Sides that go in are multiples of that."""
_SCALES = (16, 8, 4, 2, 1)  # reduction of the picture that each block works on
_RESIDUALS = 8
_OUT = 13  # flow to both frames (4), mask (1), features for the next block (8)
_SLOPE = 0.2
_PREFIX = "module."


def build_rife(model: str, checkpoint: Mapping[str, Any]) -> Module:
    """The network with the weights of a checkpoint; branches for training are left out.

    Raises:
        NetworkError: they are of another network.
    """
    torch = require("torch", extra="neural")
    tensors = {str(name): value for name, value in checkpoint.items() if torch.is_tensor(value)}
    if any(name.startswith(_PREFIX) for name in tensors):
        tensors = {
            name.removeprefix(_PREFIX): value
            for name, value in tensors.items()
            if name.startswith(_PREFIX)
        }
    try:
        planes = tensors["encode.cnn3.weight"].shape[1]
        widths = [
            tensors[f"block{number}.convblock.0.conv.weight"].shape[0]
            for number in range(len(_SCALES))
        ]
        network = _skeleton(torch, planes, widths)
        report = network.load_state_dict(tensors, strict=False)
    except (KeyError, RuntimeError, IndexError) as error:
        problem = f"its weights are not those of RIFE 4.25 or 4.26 ({str(error)[:160]})"
        raise NetworkError(model, problem) from error
    if report.missing_keys:
        problem = f"its weights lack {len(report.missing_keys)} tensors ({report.missing_keys[0]})"
        raise NetworkError(model, problem)
    return network


def in_between(net: Module, frames: Tensor, mattes: Tensor, time: float) -> tuple[Tensor, Tensor]:
    """The frame at a time between two.

    Args:
        net: Of `build_rife`.
        frames: (2, 3, H, W) RGB 0..1; sides are multiples of `MULTIPLE`.
        mattes: (2, 1, H, W), moved and mixed like the frames, unseen by the network.
        time: 0..1, from the first to the second.

    Returns:
        (1, 3, H, W) and (1, 1, H, W).
    """
    torch = require("torch", extra="neural")
    seen = _encoded(net, frames)
    grid = _grid(torch, frames)
    plane = frames.new_full((1, 1, *frames.shape[2:]), time)
    known = torch.cat((frames, seen), 1)  # (2, 3 + E, H, W)
    picture, code = _paired(frames), _paired(seen)
    flow = mask = feature = None
    for number, scale in enumerate(_SCALES):
        block = getattr(net, f"block{number}")
        if flow is None:
            taken = torch.cat((picture, code, plane), 1)
            flow, mask, feature = _refined(torch, block, taken, None, scale)
            continue
        moved = _gathered(torch, known, flow, grid)
        picture, code = _paired(moved[:, :3]), _paired(moved[:, 3:])
        taken = torch.cat((picture, code, plane, mask, feature), 1)
        more, mask, feature = _refined(torch, block, taken, flow, scale)
        flow = flow + more
    moved = _gathered(torch, torch.cat((frames, mattes), 1), flow, grid)
    share = torch.sigmoid(mask)
    mixed = moved[:1] * share + moved[1:] * (1 - share)
    return mixed[:, :3], mixed[:, 3:]


def _encoded(net: Module, frames: Tensor) -> Tensor:
    head = net.encode
    x = head.relu(head.cnn0(frames))
    x = head.relu(head.cnn1(x))
    x = head.relu(head.cnn2(x))
    return head.cnn3(x)


def _refined(torch: Any, block: Module, x: Tensor, flow: Tensor, scale: int) -> Any:  # noqa: ANN401 (module, tensors)
    """What a block adds to the flow, the mask so far, and features."""
    resize = torch.nn.functional.interpolate
    x = resize(x, scale_factor=1.0 / scale, mode="bilinear")
    if flow is not None:
        small = resize(flow, scale_factor=1.0 / scale, mode="bilinear") / scale
        x = torch.cat((x, small), 1)
    x = block.conv0(x)
    for step in block.convblock:
        x = block.relu(step.conv(x) * step.beta + x)
    x = resize(block.lastconv(x), scale_factor=float(scale), mode="bilinear")
    return x[:, :4] * scale, x[:, 4:5], x[:, 5:]


def _gathered(torch: Any, planes: Tensor, flow: Tensor, grid: Tensor) -> Tensor:  # noqa: ANN401 (module)
    """(2, C, H, W) `planes` read along the flow to each frame; the border goes on outward."""
    height, width = planes.shape[2:]
    each = torch.cat((flow[:, :2], flow[:, 2:4]), 0)
    # in units of grid_sample: half the way from the first to the last pixel is 1
    unit = each.new_tensor([(width - 1.0) / 2.0, (height - 1.0) / 2.0]).view(1, 2, 1, 1)
    where = (grid + each / unit).permute(0, 2, 3, 1)
    return torch.nn.functional.grid_sample(
        planes, where, mode="bilinear", padding_mode="border", align_corners=True
    )


def _grid(torch: Any, like: Tensor) -> Tensor:  # noqa: ANN401 (module)
    height, width = like.shape[2:]
    options = {"device": like.device, "dtype": like.dtype}
    x = torch.linspace(-1.0, 1.0, width, **options).view(1, 1, 1, width)
    y = torch.linspace(-1.0, 1.0, height, **options).view(1, 1, height, 1)
    return torch.cat((x.expand(1, 1, height, width), y.expand(1, 1, height, width)), 1)


def _paired(both: Tensor) -> Tensor:
    """(2, C, H, W) to (1, 2 C, H, W): first, then second."""
    return both.reshape(1, -1, *both.shape[2:])


def _skeleton(torch: Any, planes: int, widths: list[int]) -> Module:  # noqa: ANN401 (module)
    """Layers under the names of the authors' files; what runs them are the functions above."""
    nn = torch.nn
    net = nn.Module()
    net.encode = nn.Module()
    net.encode.cnn0 = nn.Conv2d(3, 16, 3, 2, 1)
    net.encode.cnn1 = nn.Conv2d(16, 16, 3, 1, 1)
    net.encode.cnn2 = nn.Conv2d(16, 16, 3, 1, 1)
    net.encode.cnn3 = nn.ConvTranspose2d(16, planes, 4, 2, 1)
    net.encode.relu = nn.LeakyReLU(_SLOPE)
    for number, width in enumerate(widths):
        into = 2 * (3 + planes) + 1 + (1 + 8 + 4 if number else 0)
        setattr(net, f"block{number}", _block(nn, into, width))
    return net


def _block(nn: Any, into: int, width: int) -> Module:  # noqa: ANN401 (module)
    block = nn.Module()
    block.conv0 = nn.Sequential(
        nn.Sequential(nn.Conv2d(into, width // 2, 3, 2, 1), nn.LeakyReLU(_SLOPE)),
        nn.Sequential(nn.Conv2d(width // 2, width, 3, 2, 1), nn.LeakyReLU(_SLOPE)),
    )
    block.convblock = nn.Sequential(*(_residual(nn, width) for _ in range(_RESIDUALS)))
    block.lastconv = nn.Sequential(nn.ConvTranspose2d(width, 4 * _OUT, 4, 2, 1), nn.PixelShuffle(2))
    block.relu = nn.LeakyReLU(_SLOPE)
    return block


def _residual(nn: Any, width: int) -> Module:  # noqa: ANN401 (module)
    step = nn.Module()
    step.conv = nn.Conv2d(width, width, 3, 1, 1)
    step.beta = nn.Parameter(step.conv.weight.new_ones((1, width, 1, 1)))
    return step
