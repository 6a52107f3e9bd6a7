import contextlib
import logging
import resource
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from frame_app.base.hashing import file_sha256
from frame_app.base.paths import config_dir, models_dir
from prerender.engines.builtin_upscale import BuiltinUpscale
from prerender.engines.neural.torch_runtime import TorchModel
from prerender.engines.neural.torch_weights import read_state_dict
from prerender.engines.neural.upscale_engines import SpandrelUpscale, interpolated
from prerender.engines.neural.workbench import NetworkError, OutOfMemoryError, Workbench
from prerender.engines.registry import EngineRegistry
from prerender.engines.specs import ALL_SPECS, own_specs
from tests.fakes import tiny_faces
from tests.fakes.tiny import MAKERS

torch = pytest.importorskip("torch", reason="needs the extra neural")


def photo(height: int, width: int) -> npt.NDArray[np.uint8]:
    """Smooth shapes with an edge and a little noise."""
    y, x = np.mgrid[:height, :width]
    waves = 120 + 80 * np.sin(x / 9.0) * np.cos(y / 7.0) + 40 * (x > width / 2)
    noise = np.random.default_rng(3).normal(0, 4, (height, width, 3))
    return np.asarray(np.clip(waves[..., None] + noise, 0, 255), np.uint8)


def engine(weights, tmp_path, model="realesr-general-x4v3") -> SpandrelUpscale:
    MAKERS[model](weights, tmp_path)
    return SpandrelUpscale(model, Workbench())


@pytest.mark.parametrize("model", ["realesr-general-x4v3", "realesrgan-x2plus"])
def test_tiles_leave_no_seam(weights, tmp_path, model):
    """models.md 3.5: tiled against whole, 300 x 220, at most 1e-4 apart."""
    upscaler = engine(weights, tmp_path, model)
    image = photo(75, 93) if model == "realesrgan-x2plus" else photo(220, 300)
    side = 32 if model == "realesrgan-x2plus" else 128
    parts: dict[int, npt.NDArray[np.uint8]] = {}
    network = upscaler._prepared(0.5)
    run = TorchModel.run
    kept: list[npt.NDArray[np.float32]] = []

    def remember(self, *values, call=None):
        (found,) = run(self, *values, call=call)
        kept.append(found)
        return (found,)

    for tile in (side, 4096):
        kept.clear()
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(TorchModel, "run", remember)
            parts[tile] = upscaler.enlarge(image, 0.5, tile)
        assert (len(kept) > 1) == (tile == side)
    whole = kept[0]
    scale = int(network.module.scale)
    assert parts[side].shape == (image.shape[0] * scale, image.shape[1] * scale, 3)
    exact = whole[0].transpose(1, 2, 0) * 255
    # both were rounded to whole numbers: a difference of 1e-4 moves a value over at most one step
    assert np.abs(parts[side].astype(np.float64) - exact).max() <= 0.5 + 255 * 1e-4
    assert np.abs(parts[side].astype(int) - parts[4096]).max() <= 1


@pytest.mark.parametrize("size", [(33, 47), (32, 46), (5, 7), (1, 1)])
def test_odd_sizes_are_enlarged_by_the_whole_scale(weights, tmp_path, size):
    for model, scale in (("realesrgan-x2plus", 2), ("realesr-general-x4v3", 4)):
        done = engine(weights, tmp_path, model).enlarge(photo(*size))
        assert done.shape == (scale * size[0], scale * size[1], 3)


def test_the_engine_gives_exactly_what_the_bare_network_gives(weights, tmp_path):
    upscaler = engine(weights, tmp_path)
    image = photo(40, 52)
    done = upscaler.enlarge(image, 1.0)
    bare = tiny_faces.compact()
    with torch.inference_mode():
        batch = torch.from_numpy(image.transpose(2, 0, 1)[None].astype(np.float32) / 255)
        found = bare(batch)[0].numpy().transpose(1, 2, 0)
    assert np.abs(done / 255 - np.clip(found, 0, 1)).max() <= 0.5 / 255 + 1e-5


def test_denoising_is_the_way_between_two_twins(weights, tmp_path):
    upscaler = engine(weights, tmp_path)
    files = weights.room.open("realesr-general-x4v3").files
    plain, twin = (read_state_dict(files[role]) for role in ("weights", "denoising"))
    mixed = interpolated("tiny", plain, files["denoising"], 0.25)
    name = "body.0.weight"
    assert torch.allclose(mixed[name], 0.25 * plain[name] + 0.75 * twin[name])
    image = photo(24, 24)
    results = [upscaler.enlarge(image, denoise) for denoise in (0.0, 0.5, 1.0)]
    assert not np.array_equal(results[0], results[1])
    assert not np.array_equal(results[1], results[2])
    assert np.array_equal(results[0], upscaler.enlarge(image, 0.0))


def test_twins_of_different_networks_are_refused(weights, tmp_path):
    files = {
        "weights": tiny_faces.saved(tiny_faces.compact, "params"),
        "denoising": tiny_faces.saved(tiny_faces.x4plus),
    }
    weights.put("realesr-general-x4v3", files)
    with pytest.raises(NetworkError, match="two weights files are of different networks"):
        SpandrelUpscale("realesr-general-x4v3", Workbench()).enlarge(photo(8, 8))


def test_a_picture_that_needs_no_enlarging_never_wakes_the_network(weights, tmp_path):
    upscaler = engine(weights, tmp_path)
    image = photo(60, 80)
    plain = BuiltinUpscale()
    assert np.array_equal(upscaler.upscale(image, 40, 30), plain.upscale(image, 40, 30))
    assert np.array_equal(upscaler.upscale(image, 80, 60), image)
    assert upscaler._model is None


def test_what_is_between_the_scales_is_made_by_plain_resizing(weights, tmp_path):
    upscaler = engine(weights, tmp_path)
    image = photo(30, 40)
    done = upscaler.upscale(image, 100, 75, 0.5)
    assert np.array_equal(done, BuiltinUpscale().upscale(upscaler.enlarge(image, 0.5), 100, 75))


class Cramped:
    """Memory for so many pixels, in a tile with its margin."""

    def __init__(self, most: int) -> None:
        self.most = most
        self.sides: list[int] = []
        self._run = TorchModel.run

    def install(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """In the place of `TorchModel.run`; a plain function, since it becomes a method."""

        def run(model: TorchModel, *values: Any, call: Any = None) -> Any:
            return self.run(model, *values, call=call)

        monkeypatch.setattr(TorchModel, "run", run)

    def run(self, model: TorchModel, *values: Any, call: Any = None) -> Any:
        self.sides.append(values[0].shape[-1])
        if values[0].shape[-1] > self.most:
            raise OutOfMemoryError(model.name, "not enough memory for a picture of this size")
        return self._run(model, *values, call=call)


def test_without_memory_tiles_are_halved_and_the_picture_is_the_same(
    weights, tmp_path, monkeypatch, caplog
):
    upscaler = engine(weights, tmp_path)
    image = photo(100, 400)
    wanted = upscaler.enlarge(image, tile=192)
    cramped = Cramped(150)
    cramped.install(monkeypatch)
    with caplog.at_level(logging.WARNING):
        done = upscaler.enlarge(image, tile=192)
    assert np.abs(done.astype(int) - wanted).max() <= 1
    assert cramped.sides[0] > 150
    assert "out of memory; going on with tiles of 96 px" in caplog.text


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="reads Linux's own figure")
def test_a_machine_that_is_full_gets_smaller_tiles(weights, tmp_path, caplog):
    """A real limit, and the error that torch itself raises at it."""
    upscaler = engine(weights, tmp_path)
    image = photo(384, 448)
    wanted = upscaler.enlarge(image)
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    limits = resource.getrlimit(resource.RLIMIT_AS)
    taken = pages * resource.getpagesize()
    held: list[bytearray] = []
    try:
        resource.setrlimit(resource.RLIMIT_AS, (taken, limits[1]))
        with contextlib.suppress(MemoryError):  # what earlier tests freed is room, too
            while True:
                held.append(bytearray(1_000_000))
        # the answer alone takes 33, the whole picture over 100
        resource.setrlimit(resource.RLIMIT_AS, (taken + 80_000_000, limits[1]))
        done = upscaler.enlarge(image)
    finally:
        resource.setrlimit(resource.RLIMIT_AS, limits)
    assert np.abs(done.astype(int) - wanted).max() <= 1
    assert "out of memory; going on with tiles of" in caplog.text


def test_if_not_even_a_small_tile_fits_it_says_so(weights, tmp_path, monkeypatch):
    upscaler = engine(weights, tmp_path)
    cramped = Cramped(0)
    cramped.install(monkeypatch)
    with pytest.raises(OutOfMemoryError, match="realesr-general-x4v3: not enough memory"):
        upscaler.enlarge(photo(300, 300))
    assert len(cramped.sides) == 5  # 512, 256, 128, 64, 32


def test_a_network_that_does_not_enlarge_is_refused(weights, tmp_path):
    weights.put(
        "realesrgan-x4plus",
        {"weights": tiny_faces.saved(tiny_faces.restoreformer)},
        {"architecture": "RestoreFormer"},
    )
    with pytest.raises(NetworkError, match="is none that enlarges colour pictures"):
        SpandrelUpscale("realesrgan-x4plus", Workbench()).enlarge(photo(8, 8))


OWN = """schema = 1
[model.attic-x4]
task = "upscale"
title = "Found in the attic"
about = "Four times as large."
extra = "spandrel"
imports = ["torch", "spandrel"]
licence = "mit"
licence_code = "MIT"
attribution = "nobody"
origin = "a stick"
[[model.attic-x4.file]]
role = "weights"
file = "upscale/attic.safetensors"
format = "safetensors"
bytes = {bytes}
sha256 = "{sha256}"
sha256_source = "computed"
"""


def test_an_upscaler_of_one_s_own_is_found_and_taken(weights):
    from safetensors.torch import save_file

    target = models_dir() / "upscale" / "attic.safetensors"
    target.parent.mkdir(parents=True)
    save_file(tiny_faces.compact().state_dict(), target)
    own = config_dir() / "models.toml"
    own.parent.mkdir(parents=True)
    own.write_text(OWN.format(bytes=target.stat().st_size, sha256=file_sha256(target)))
    (spec,) = own_specs()
    with EngineRegistry((*ALL_SPECS, spec)) as registry:
        chosen = registry.upscale()
        assert chosen.engine.info.id == "attic-x4"
        assert chosen.engine.upscale(photo(10, 12), 48, 40).shape == (40, 48, 3)
