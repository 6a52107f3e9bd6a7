"""Design, section 11: an engine with its pre- and post-processing against the bare model call.

Networks have the real sizes and random weights, which costs the same as trained ones. Those whose
architecture no library here holds (U2-Net, FILM, LaMa) are stood in for by convolutions that cost
less than they do, so what is measured is more than what is true.

An engine is run once while its calls are written down; then it and those calls, with the same
tensors and nothing around them, take turns. Processor time decides: it does not ask who else works.
"""

import contextlib
import importlib
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from prerender.engines.base import ActorFrame
from prerender.engines.builtin_faces import BuiltinFaces
from prerender.engines.neural.colourise_engine import DDColor
from prerender.engines.neural.lama_plate import LamaPlate
from prerender.engines.neural.onnx_matte import OnnxMatte
from prerender.engines.neural.onnx_runtime import OnnxModel
from prerender.engines.neural.rebuild_engines import SpandrelRebuild
from prerender.engines.neural.rife_network import _skeleton
from prerender.engines.neural.torch_depth import DepthAnything
from prerender.engines.neural.torch_interpolate import Film, Rife
from prerender.engines.neural.torch_runtime import TorchModel
from prerender.engines.neural.upscale_engines import SpandrelUpscale
from prerender.engines.neural.workbench import Workbench
from tests.bench.figures import BUSY, Report, spent
from tests.fakes import tiny_faces, tiny_maps
from tests.fakes.sitter import ASTRONAUT, sitter
from tests.fakes.weights import WeightsFolder

pytestmark = [
    pytest.mark.bench,
    pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::UserWarning"),
]
torch = pytest.importorskip("torch", reason="needs the extra neural")

_LIMIT = 1.10
_BOX = (640, 480)  # of an actor: height, width

Act = Callable[[], Any]


@pytest.fixture
def weights(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> WeightsFolder:
    return WeightsFolder.at(tmp_path / "home", monkeypatch)


@pytest.fixture
def photo() -> npt.NDArray[np.uint8]:
    return sitter(ASTRONAUT).subject


@contextlib.contextmanager
def written_down() -> Iterator[list[Act]]:
    """The bare call of every network that is run meanwhile, with its tensors."""
    calls: list[Act] = []
    compute, run = TorchModel.compute, OnnxModel.run

    def computed(self: TorchModel, call: Callable[..., Any], *values: Any) -> Any:
        tensors = [
            torch.from_numpy(np.array(value)) if isinstance(value, np.ndarray) else value
            for value in values
        ]

        def bare() -> None:
            with torch.inference_mode():
                call(self.module, *tensors)

        calls.append(bare)
        return compute(self, call, *values)

    def ran(self: OnnxModel, *values: npt.NDArray[Any]) -> Any:
        found = run(self, *values)
        feeds = {name: value for (name, _), value in zip(self._feeds, values, strict=True)}
        calls.append(lambda: self._session.run(list(self._fetches), feeds))
        return found

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TorchModel, "compute", computed)
        patch.setattr(OnnxModel, "run", ran)
        yield calls


def compare(report: Report, what: str, engine: Act, rounds: int, bare: Act | None = None) -> None:
    """Notes processor and wall time of the engine in those of the bare calls."""
    with written_down() as calls:
        engine()
    assert calls

    def all_calls() -> None:
        for call in calls:
            call()

    bare = bare or all_calls
    bare()
    cpu: list[float] = []
    wall: list[float] = []
    for _ in range(rounds):
        with_all, alone = spent(engine), spent(bare)
        cpu.append(with_all[0] / alone[0])
        wall.append(with_all[1] / alone[1])
    report(f"{what}: engine against bare calls, processor time", median(cpu), _LIMIT, "x")
    report(f"{what}: wall time", median(wall), _LIMIT, "x", beyond=BUSY)


def test_enlarging_by_the_compact_network(
    weights: WeightsFolder, tmp_path: Path, report: Report
) -> None:
    """general-x4v3's size against the network as its authors call it."""
    tiny_faces.spandrel()
    from spandrel.architectures.Compact import Compact

    nets = [
        tiny_faces.seeded(lambda: Compact(num_feat=64, num_conv=32, upscale=4), seed)
        for seed in (0, 1)
    ]
    files = [
        tiny_faces.save_state(net, tmp_path / f"{number}.pth", "params")
        for number, net in enumerate(nets)
    ]
    weights.put("realesr-general-x4v3", {"weights": files[0], "denoising": files[1]})
    engine = SpandrelUpscale("realesr-general-x4v3", Workbench())
    image = np.random.default_rng(0).integers(0, 256, (96, 128, 3), np.uint8)
    plain = np.ascontiguousarray(image.transpose(2, 0, 1)[None], np.float32) / 255
    batch = torch.from_numpy(plain)

    def bare() -> None:
        with torch.inference_mode():
            nets[0](batch)

    def act() -> None:
        engine.upscale(image, 512, 384, 1.0)

    compare(report, "enlarging, general-x4v3", act, 20)
    compare(report, "the same, authors' order of channels", act, 10, bare)


def test_enlarging_by_the_large_network(
    weights: WeightsFolder, tmp_path: Path, report: Report
) -> None:
    """RealESRGAN_x2plus: 64 features, 23 blocks."""
    tiny_faces.spandrel()
    from spandrel.architectures.ESRGAN import ESRGAN

    net = tiny_faces.seeded(lambda: ESRGAN(in_nc=12, scale=4, shuffle_factor=2))
    weights.put("realesrgan-x2plus", {"weights": tiny_faces.save_state(net, tmp_path / "x2.pth")})
    engine = SpandrelUpscale("realesrgan-x2plus", Workbench())
    image = np.random.default_rng(0).integers(0, 256, (96, 96, 3), np.uint8)
    compare(report, "enlarging, x2plus", lambda: engine.upscale(image, 192, 192), 3)


def test_rebuilding_a_face(weights: WeightsFolder, tmp_path: Path, report: Report) -> None:
    net = tiny_faces.seeded(tiny_faces.gfpgan_network)
    weights.put("gfpgan", {"weights": tiny_faces.save_state(net, tmp_path / "gfpgan.pth")})
    engine = SpandrelRebuild("gfpgan", Workbench())
    crop = np.random.default_rng(0).random((512, 512, 3), np.float32)
    compare(report, "rebuilding, GFPGAN", lambda: engine.rebuild(crop, 0.7), 3)


def test_colouring(
    weights: WeightsFolder, tmp_path: Path, report: Report, photo: npt.NDArray[np.uint8]
) -> None:
    """The small one's size."""
    tiny_faces.spandrel()
    arch = importlib.import_module("spandrel_extra_arches.architectures.DDColor.__arch.ddcolor")

    def build() -> Any:
        return arch.DDColor(
            encoder_name="convnext-t",
            input_size=(512, 512),
            nf=512,
            num_output_channels=2,
            last_norm="Spectral",
            num_queries=100,
            num_scales=3,
            dec_layers=9,
        )

    net = tiny_faces.seeded(lambda: tiny_faces.settled(build()))
    weights.put("ddcolor-tiny", {"weights": tiny_faces.save_state(net, tmp_path / "tiny.pth")})
    engine = DDColor("ddcolor-tiny", Workbench())
    compare(report, "colouring, DDColor", lambda: engine.colourise(photo), 5)


def test_the_networks_look_at_a_subject(
    weights: WeightsFolder, tmp_path: Path, report: Report, photo: npt.NDArray[np.uint8]
) -> None:
    """A third of U2-Net's 59 GFLOP at its size; what refines the outline is a step of its own."""
    pytest.importorskip("onnx")
    from tests.fakes.onnx_files import save_net

    side, width = 320, 64
    noise = np.random.default_rng(0)
    names = ["a", "b", "c"]
    nodes: list[Any] = [("Conv", ("input_image", "w0"), "a", {"pads": [1] * 4})]
    nodes += [
        ("Conv", (names[number], f"w{number + 1}"), names[number + 1], {"pads": [1] * 4})
        for number in range(2)
    ]
    nodes += [("Conv", ("c", "last"), "thin", {}), ("Sigmoid", ("thin",), "output_image", {})]
    shapes = {"w0": (width, 3, 3, 3), "w1": (width, width, 3, 3), "w2": (width, width, 3, 3)}
    shapes["last"] = (1, width, 1, 1)
    path = save_net(
        tmp_path / "net.onnx",
        nodes,
        {"input_image": [1, 3, side, side]},
        {"output_image": [1, 1, side, side]},
        {name: noise.normal(0, 0.05, shape).astype(np.float32) for name, shape in shapes.items()},
    )
    weights.put("u2net-human-seg", {"weights": path}, {"side": side})
    engine = OnnxMatte("u2net-human-seg", Workbench())
    compare(report, "seeing the subject, U2-Net", lambda: engine.look(photo), 10)


def test_seeing_depth(
    weights: WeightsFolder, tmp_path: Path, report: Report, photo: npt.NDArray[np.uint8]
) -> None:
    """Depth Anything V2 Small, with the fusion of face and matte."""
    tiny_maps.put_depth(weights, tmp_path, "depth-anything-v2-small", tiny_maps.SMALL_DEPTH)
    engine = DepthAnything("depth-anything-v2-small", Workbench())
    finder = BuiltinFaces()
    faces = finder.find(photo)[:1]
    assert faces
    matte = np.zeros(photo.shape[:2], np.float32)
    box = faces[0].box
    matte[int(box.y) :, int(box.x - box.width) : int(box.x + 2 * box.width)] = 1.0

    def estimate() -> None:
        engine.estimate(photo, matte, faces)

    compare(report, "seeing depth, Depth Anything V2 Small", estimate, 10)


def script(net: Any, example: tuple[Any, ...], path: Path) -> Path:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # torch would rather see other formats
        torch.jit.save(torch.jit.trace(net.eval(), example), str(path))
    return path


class Convolutions(torch.nn.Module):  # type: ignore[misc, name-defined]
    """Takes one or more pictures, gives one."""

    def __init__(self, into: int, width: int, count: int, reduce: int) -> None:
        super().__init__()
        nn = torch.nn
        self.down = nn.Conv2d(into, width, reduce, reduce)
        self.body = nn.Sequential(
            *(step for _ in range(count) for step in (nn.Conv2d(width, width, 3, 1, 1), nn.ReLU()))
        )
        self.up = nn.ConvTranspose2d(width, 3, reduce, reduce)

    def forward(self, first: Any, second: Any, time: Any = None) -> Any:
        found = self.up(self.body(self.down(torch.cat([first, second], 1))))
        return torch.sigmoid(found if time is None else found + time.reshape(-1, 1, 1, 1))


def test_painting_behind_the_subject(
    weights: WeightsFolder, tmp_path: Path, report: Report, photo: npt.NDArray[np.uint8]
) -> None:
    """20 whole layers of 512 channels: big-lama has 36 that are split in a local and a global half.

    Counted for 512 x 512 pixels: 193 and about 215 thousand million multiplications.
    """
    net = Convolutions(4, 512, 20, 8)
    example = (torch.zeros(1, 3, 64, 64), torch.zeros(1, 1, 64, 64))
    weights.put("lama", {"weights": script(net, example, tmp_path / "lama.pt")})
    engine = LamaPlate("lama", Workbench())
    hole = np.where(sitter(ASTRONAUT).matte > 0.02, 255, 0).astype(np.uint8)
    compare(report, "painting behind the subject, LaMa", lambda: engine.fill(photo, hole), 3)


def moving(photo: npt.NDArray[np.uint8], count: int) -> list[ActorFrame]:
    """A head that goes aside."""
    height, width = _BOX
    large = np.kron(photo, np.ones((2, 2, 1), np.uint8))
    mattes = np.kron((sitter(ASTRONAUT).matte * 255).astype(np.uint8), np.ones((2, 2), np.uint8))
    return [
        ActorFrame(
            np.ascontiguousarray(large[100 : 100 + height, at : at + width]),
            np.ascontiguousarray(mattes[100 : 100 + height, at : at + width]),
        )
        for at in range(200, 200 + 6 * count, 6)
    ]


def test_in_between_by_rife(
    weights: WeightsFolder, tmp_path: Path, report: Report, photo: npt.NDArray[np.uint8]
) -> None:
    """Version 4.26's widths."""
    net = tiny_faces.seeded(lambda: _skeleton(torch, 4, [192, 128, 96, 64, 32]))
    tiny_maps.put_rife(weights, tmp_path, net)
    engine = Rife("rife-4-26", Workbench())
    frames = moving(photo, 2)
    act = lambda: list(engine.between(iter(frames), 2))  # noqa: E731 (named for the line below)
    compare(report, "in-between frames, RIFE", act, 20)


def test_in_between_by_film(
    weights: WeightsFolder, tmp_path: Path, report: Report, photo: npt.NDArray[np.uint8]
) -> None:
    """Eight layers at half size: less than FILM's feature extractor alone."""
    net = Convolutions(6, 64, 8, 2)
    blank = torch.zeros(1, 3, 64, 64)
    path = script(net, (blank, blank, torch.zeros(1, 1)), tmp_path / "film.pt")
    weights.put("film", {"weights": path})
    engine = Film("film", Workbench())
    frames = moving(photo, 2)
    act = lambda: list(engine.between(iter(frames), 2))  # noqa: E731 (named for the line below)
    compare(report, "in-between frames, FILM", act, 10)
