"""Every fault that weights can have, for every network: a clear sentence, and the next best engine.

A named engine stops with exit code 3; `auto` goes on without it. What fails only while it works
(an answer that is no number, no memory, another network) raises the error by which the run does
without that engine from then on; tests/unit/prerender/test_pipeline.py has that half.
"""

import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from frame_app.base.errors import PortraitError
from frame_app.base.paths import models_dir
from prerender.engines import weights
from prerender.engines.base import EngineId
from prerender.engines.catalogue import known_models
from prerender.engines.neural import workbench
from prerender.engines.neural.onnx_runtime import OnnxModel
from prerender.engines.neural.torch_runtime import TorchModel
from prerender.engines.neural.workbench import OutOfMemoryError
from prerender.engines.registry import EngineSpec
from tests.fakes.shelf import Shelf, use, weights_specs

every_network = pytest.mark.parametrize("spec", weights_specs(), ids=lambda spec: spec.id)


def stops_and_goes_on(shelf: Shelf, spec: EngineSpec, sentence: str) -> None:
    """Named, it stops with the sentence; with `auto` behind it, another one serves and says why."""
    with pytest.raises(PortraitError) as caught:
        shelf.registry.resolve(spec.task, spec.id)
    assert caught.value.exit_code == 3
    assert sentence in str(caught.value)
    other, reason = shelf.registry.resolve(spec.task, EngineId(f"{spec.id}, auto"))
    assert other.id != spec.id
    assert sentence in reason
    assert f"{other.id} is used instead" in reason
    assert shelf.registry.resolve(spec.task)[0].id != spec.id


def gone(path: Path) -> str:
    path.unlink()
    return "is not there"


def truncated(path: Path) -> str:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    return "is cut short"


def altered(path: Path) -> str:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
    return "is another file: sha256 "


def foreign(path: Path) -> str:
    path.write_bytes(path.read_bytes() + b"the holidays of 1998")
    return "is too long"


@pytest.mark.parametrize("fault", [gone, truncated, altered, foreign])
@every_network
def test_a_file_that_is_not_the_pinned_one(shelf, spec, fault):
    shelf.put(spec)
    file = known_models().get(str(spec.id)).files[0]
    sentence = fault(models_dir() / file.file)
    stops_and_goes_on(shelf, spec, f"{file.file} {sentence}")


@every_network
def test_a_licence_nobody_said_yes_to(shelf, spec):
    shelf.put(spec)
    model = known_models().get(str(spec.id))
    if not known_models().licence_of(str(spec.id)).needs_consent:
        assert spec.missing() == ""
        return
    shelf.weights.room.withdraw(model.licence)
    stops_and_goes_on(shelf, spec, "was not accepted")


@every_network
def test_an_extra_that_is_not_installed(shelf, spec, monkeypatch):
    shelf.put(spec)
    monkeypatch.setattr(weights, "find_spec", lambda name: None)
    extra = known_models().get(str(spec.id)).extra
    stops_and_goes_on(shelf, spec, f"pip install 'portrait-frame[{extra}]'")


@every_network
def test_a_machine_with_too_little_memory(shelf, spec, monkeypatch):
    shelf.put(spec)
    monkeypatch.setattr(workbench, "total_memory", lambda: 5 * 10**8)
    stops_and_goes_on(shelf, spec, "GB of memory and this machine has 0.5 GB")


def stranger(format_: str, folder: Path) -> Path:
    """A sound file of that format, of another network."""
    torch = pytest.importorskip("torch", reason="needs the extra neural")
    path = folder / f"stranger.{format_}"
    tensors = {"another.weight": torch.zeros(4, 4)}
    if format_ == "onnx":
        pytest.importorskip("onnx")
        from tests.fakes.onnx_files import save_net  # needs onnx

        return save_net(path, [("Relu", ("a",), "b", {})], {"a": [5, 5]}, {"b": [5, 5]})
    if format_ == "safetensors":
        pytest.importorskip("safetensors.torch").save_file(tensors, path)
    elif format_ == "torchscript":
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # torch.jit is deprecated; the format is what it is
            torch.jit.script(torch.nn.Linear(3, 3)).save(str(path))
    elif format_ == "json":
        path.write_text('{"model_type": "poem"}')
    else:
        torch.save(tensors, path)
    return path


def nothing_sensible(format_: str, folder: Path) -> Path:
    path = folder / f"noise.{format_}"
    path.write_bytes(b"\x08\x07 this is not a network" * 50)
    return path


@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::UserWarning")
@pytest.mark.parametrize("make", [stranger, nothing_sensible])
@every_network
def test_a_pinned_file_of_another_network_or_of_none(shelf, spec, photo, faces, tmp_path, make):
    shelf.put(spec)
    model = known_models().get(str(spec.id))
    files = {file.role: make(file.format, tmp_path) for file in model.files}
    shelf.weights.put(str(spec.id), files)
    assert spec.missing() == ""  # it is the file that was pinned
    with pytest.raises(PortraitError) as caught:
        use(shelf.open(spec), spec.task, photo, faces)
    said = str(caught.value)
    assert str(spec.id) in said or any(file.file in said for file in model.files)
    assert caught.value.exit_code == 3


def spoiled(value: Any) -> Any:
    """Tensors, in whatever holds them, without a number in them."""
    import torch

    if torch.is_tensor(value):
        return torch.full_like(value, float("nan")) if value.is_floating_point() else value
    if isinstance(value, Mapping):
        return {key: spoiled(each) for key, each in value.items()}
    if isinstance(value, tuple) and hasattr(value, "_fields"):
        return type(value)(*(spoiled(each) for each in value))
    if isinstance(value, (tuple, list)):
        return [spoiled(each) for each in value]
    return value


def full(value: Any) -> Any:
    """What torch itself says without memory."""
    import torch

    del value
    return torch.empty(1 << 46)


class Faulty:
    """A session whose answers are spoiled, or do not come for want of memory."""

    def __init__(self, session: Any, fault: Any) -> None:
        self._session, self._fault = session, fault

    def run(self, names: list[str], feeds: Mapping[str, Any]) -> list[Any]:
        found = self._session.run(names, feeds)
        if self._fault is full:  # in the words of ONNX Runtime's CPU allocator
            raise RuntimeError("Failed to allocate memory for requested buffer of size 64")
        return [np.full_like(value, np.nan) for value in found]


@pytest.fixture
def break_networks(monkeypatch):
    """Makes every network of both runtimes answer with a fault."""

    def install(fault: Any) -> None:
        compute, start = TorchModel.compute, OnnxModel._open

        def faulty(self: TorchModel, call: Any, *values: Any) -> Any:
            return compute(self, lambda net, *inputs: fault(call(net, *inputs)), *values)

        def opened(self: OnnxModel) -> None:
            start(self)
            self._session = Faulty(self._session, fault)

        monkeypatch.setattr(TorchModel, "compute", faulty)
        monkeypatch.setattr(OnnxModel, "_open", opened)

    return install


@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::UserWarning")
@every_network
def test_an_answer_that_is_no_number(shelf, spec, photo, faces, break_networks):
    engine = shelf.open(spec)
    break_networks(spoiled)
    with pytest.raises(PortraitError, match="no numbers") as caught:
        use(engine, spec.task, photo, faces)
    assert str(spec.id) in str(caught.value)


@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::UserWarning")
@every_network
def test_no_memory_left_while_it_works(shelf, spec, photo, faces, break_networks):
    engine = shelf.open(spec)
    break_networks(full)
    with pytest.raises(OutOfMemoryError, match="not enough memory") as caught:
        use(engine, spec.task, photo, faces)
    assert str(spec.id) in str(caught.value)
