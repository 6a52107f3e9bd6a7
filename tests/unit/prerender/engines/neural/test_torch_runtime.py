import logging
import os
import pickle
import resource
import sys
import warnings
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from frame_app.base.errors import MissingExtraError, UsageError, WeightsError
from frame_app.base.hashing import file_sha256
from prerender.engines.neural.torch_runtime import Module, TorchModel, TorchNet, device_for
from prerender.engines.neural.torch_weights import read_checkpoint, read_script, read_state_dict
from prerender.engines.neural.workbench import Compute, NetworkError, OutOfMemoryError, Workbench

torch = pytest.importorskip("torch", reason="needs the extra neural")

GB = 10**9


def doubled() -> Module:
    net = torch.nn.Conv2d(1, 1, 1, bias=False)
    torch.nn.init.constant_(net.weight, 2.0)
    return net


def model(build=doubled, bench=None, need_bytes=0, name="tiny", *, half=False) -> TorchModel:
    net = TorchNet(name, build, need_bytes, allows_half=half)
    return TorchModel(net, bench or Workbench(Compute("cpu")))


def plane(value: float = 1.5) -> npt.NDArray[np.float32]:
    return np.full((1, 1, 2, 2), value, np.float32)


def test_arrays_go_in_and_come_out():
    (found,) = model().run(plane())
    assert found.dtype == np.float32
    assert found.tolist() == [[[[3.0, 3.0], [3.0, 3.0]]]]


def test_the_first_of_several_answers_can_be_taken():
    def call(net, image):
        return net(image), image

    found = model().run(plane(), call=call)
    assert [float(value.max()) for value in found] == [3.0, 1.5]


def test_tensors_stay_tensors_between_calls_and_carry_no_gradients():
    net = model()
    kept = net.compute(lambda net, image: net(image), plane())
    again = net.compute(lambda net, image: net(image), kept)
    assert torch.is_tensor(again)
    assert not again.requires_grad
    assert float(again.max()) == 6.0


def test_device_and_library_are_said_when_a_network_opens(caplog):
    with caplog.at_level(logging.INFO):
        net = model()
        assert not net.is_open
        net.run(plane())
    assert net.device == "cpu"
    assert f"tiny runs on cpu with torch {torch.__version__}" in caplog.text


def test_half_precision_is_for_cuda_only(caplog):
    with caplog.at_level(logging.INFO):
        (found,) = model(half=True).run(plane(1.0001))
    assert "half" not in caplog.text
    assert float(found.max()) == pytest.approx(2.0002, abs=1e-6)


@pytest.mark.skipif(torch.cuda.is_available(), reason="this machine has what is asked for")
def test_a_device_that_is_not_there_is_named():
    for wanted in ("cuda", "cuda:1", "mps", "rocm", "abacus"):
        with pytest.raises(UsageError, match=f"device {wanted}: this torch has only cpu"):
            device_for(wanted)


def test_a_device_that_only_the_other_runtime_knows_is_replaced_aloud(caplog):
    assert device_for("openvino") == device_for("auto")
    assert "torch has no device openvino" in caplog.text


@pytest.mark.parametrize("nonsense", [float("nan"), float("inf")])
def test_answers_that_are_no_numbers_are_refused(nonsense):
    with pytest.raises(NetworkError, match="tiny: its answer holds values that are no numbers"):
        model().run(plane(nonsense))


def test_too_little_memory_is_an_error_of_its_own():
    def greedy(net, image):
        return torch.empty(1 << 46) + image

    with pytest.raises(OutOfMemoryError, match="tiny: not enough memory"):
        model().run(plane(), call=greedy)


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="reads Linux's own figure")
def test_whatever_a_full_machine_makes_torch_say_is_want_of_memory_and_passes(monkeypatch):
    """A real limit: without room for a picture its allocator complains, for code oneDNN does."""
    monkeypatch.setattr(torch.backends.mkldnn, "enabled", True)  # as it was, afterwards
    net = model(lambda: torch.nn.Conv2d(64, 64, 3, padding=1))
    net.run(np.ones((1, 64, 16, 16), np.float32))
    limits = resource.getrlimit(resource.RLIMIT_AS)
    problems: list[str] = []
    for side, room in ((700, 0), (40, 0), (48, 500_000), (56, 1_000_000), (72, 2_000_000)):
        image = np.ones((1, 64, side, side), np.float32)
        pages = int(Path("/proc/self/statm").read_text().split()[0])
        taken = pages * resource.getpagesize()
        try:
            resource.setrlimit(resource.RLIMIT_AS, (taken + room, limits[1]))
            net.run(image)  # what earlier tests freed may do
        except OutOfMemoryError as error:
            problems.append(str(error))
        finally:
            resource.setrlimit(resource.RLIMIT_AS, limits)
    assert set(problems) == {"tiny: not enough memory for a picture of this size"}
    (found,) = net.run(np.ones((1, 64, 72, 72), np.float32))
    assert found.shape == (1, 64, 72, 72)


def test_a_network_of_another_signature_is_refused_with_what_torch_says():
    with pytest.raises(
        NetworkError,
        match=r"tiny: cannot be run by torch, so it may be another network \(.*2x2 and 7x1",
    ):
        model(lambda: torch.nn.Linear(7, 1)).run(plane())


def test_a_network_that_cannot_be_built_takes_no_place():
    def build():
        raise WeightsError(Path(os.devnull), "is not there")

    bench = Workbench(Compute("cpu"))
    net = model(build, bench)
    with pytest.raises(WeightsError, match="is not there"):
        net.run(plane())
    assert not net.is_open
    bench.clear()  # nothing to release


def test_the_one_unused_for_longest_makes_room():
    bench = Workbench(Compute("cpu", memory_bytes=5 * GB), free_bytes=lambda: 100 * GB)
    one, other, third = (model(bench=bench, need_bytes=2 * GB, name=name) for name in "abc")
    for net in (one, other, one, third):
        net.run(plane())
    assert [net.is_open for net in (one, other, third)] == [True, False, True]
    assert float(other.run(plane())[0].max()) == 3.0
    bench.clear()
    assert not any(net.is_open for net in (one, other, third))


def test_sums_are_kept_in_full_precision_and_in_one_order():
    model().run(plane())
    assert torch.backends.cudnn.deterministic
    assert not torch.backends.cudnn.benchmark
    assert not torch.backends.cudnn.allow_tf32
    assert not torch.backends.cuda.matmul.allow_tf32


# ------------------------------------------------------------------------------- weights


TENSORS = {"one.weight": torch.arange(6.0).reshape(2, 3), "one.bias": torch.ones(2)}


def same(found) -> bool:
    return set(found) == set(TENSORS) and all(torch.equal(found[k], TENSORS[k]) for k in TENSORS)


def test_state_dicts_and_safetensors_hold_the_same(tmp_path):
    from safetensors.torch import save_file

    torch.save(TENSORS, tmp_path / "a.pth")
    torch.save(TENSORS, tmp_path / "old.pth", _use_new_zipfile_serialization=False)
    save_file(TENSORS, tmp_path / "a.safetensors")
    for name in ("a.pth", "old.pth", "a.safetensors"):
        assert same(read_state_dict(tmp_path / name))


@pytest.mark.parametrize("wrapper", ["params_ema", "params", "state_dict"])
def test_weights_are_found_under_the_keys_of_trainers(tmp_path, wrapper):
    inner = {f"module.{name}": value for name, value in TENSORS.items()}
    torch.save({wrapper: inner, "step": 7}, tmp_path / "a.pth")
    assert same(read_state_dict(tmp_path / "a.pth"))


def test_averaged_weights_come_before_the_last_ones(tmp_path):
    last = {name: value + 1 for name, value in TENSORS.items()}
    torch.save({"params": last, "params_ema": TENSORS}, tmp_path / "a.pth")
    assert same(read_state_dict(tmp_path / "a.pth"))
    assert set(read_checkpoint(tmp_path / "a.pth")) == {"params", "params_ema"}


class Bomb:
    def __reduce__(self):
        return os.mkdir, ("exploded",)


def test_code_in_a_file_is_never_run(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    torch.save({"weight": Bomb()}, "zip.pth")
    (tmp_path / "plain.pth").write_bytes(pickle.dumps({"weight": Bomb()}, protocol=2))
    for name in ("zip.pth", "plain.pth"):
        with pytest.raises(WeightsError, match=f"{name}.*nothing of it was run"):
            read_state_dict(tmp_path / name)
    assert not (tmp_path / "exploded").exists()


def test_files_that_are_no_weights_are_named(tmp_path):
    whole = tmp_path / "whole.pth"
    torch.save({"weight": torch.zeros(4096)}, whole)
    (tmp_path / "half.pth").write_bytes(whole.read_bytes()[: whole.stat().st_size // 2])
    (tmp_path / "empty.pth").touch()
    (tmp_path / "text.pth").write_text("<html>404 not found</html>")
    (tmp_path / "text.safetensors").write_text("<html>404 not found</html>")
    torch.save([1, 2], tmp_path / "list.pth")
    torch.save({"step": 7}, tmp_path / "step.pth")
    cases = {
        "half.pth": "damaged or of another format",
        "empty.pth": "damaged or of another format",
        "text.pth": "nothing of it was run",
        "text.safetensors": "no whole safetensors file",
        "list.pth": "holds a list",
        "step.pth": "holds no tensors",
        "none.pth": "cannot be read",
        "none.safetensors": "cannot be read",
    }
    for name, problem in cases.items():
        with pytest.raises(WeightsError, match=problem) as caught:
            read_state_dict(tmp_path / name)
        assert caught.value.path.name == name


def test_torchscript_is_loaded_with_its_pinned_digest_only(tmp_path):
    path = tmp_path / "a.pt"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what makes such files is as deprecated as what reads them
        torch.jit.save(torch.jit.trace(doubled(), torch.ones(1, 1, 2, 2)), path)
    digest = file_sha256(path)
    net = model(lambda: read_script(path, digest))
    assert float(net.run(plane())[0].max()) == 3.0
    with pytest.raises(WeightsError, match=r"instead of 000000000000…, so it is not loaded"):
        read_script(path, "0" * 64)
    path.write_bytes(b"no archive")
    with pytest.raises(WeightsError, match="is no TorchScript network"):
        read_script(path, file_sha256(path))
    with pytest.raises(WeightsError, match="cannot be read"):
        read_script(tmp_path / "none.pt", digest)


def test_torchscript_is_no_state_dict(tmp_path):
    path = tmp_path / "a.pth"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.jit.save(torch.jit.trace(doubled(), torch.ones(1, 1, 2, 2)), path)
    with pytest.raises(WeightsError, match="damaged or of another format"):
        read_state_dict(path)


def test_without_torch_the_extra_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "torch", None)
    with pytest.raises(MissingExtraError, match=r"portrait-frame\[neural\]"):
        model().run(plane())
    with pytest.raises(MissingExtraError, match=r"portrait-frame\[neural\]"):
        read_state_dict(Path(__file__))
