import logging
import subprocess
import sys
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from frame_app.base.errors import MissingExtraError, UsageError
from prerender.engines.neural.onnx_runtime import OnnxModel, OnnxNet, Port, providers_for
from prerender.engines.neural.workbench import Compute, NetworkError, OutOfMemoryError, Workbench

pytest.importorskip("onnxruntime", reason="needs the extra neural")
pytest.importorskip("onnx", reason="makes its networks itself")

from tests.fakes.onnx_files import save_net

IMAGE = Port((1, 3, None, None))
PLANE = Port((1, 1, None, None))


@pytest.fixture(scope="module")
def blur(tmp_path_factory):
    """A 3 x 3 convolution from three channels to one, any size."""
    weights = np.linspace(-1, 1, 27, dtype=np.float32).reshape(1, 3, 3, 3)
    return save_net(
        tmp_path_factory.mktemp("nets") / "blur.onnx",
        [("Conv", ("image", "w"), "mask", {"pads": [1, 1, 1, 1]})],
        {"image": [1, 3, "h", "w_"]},
        {"mask": [1, 1, "h", "w_"]},
        {"w": weights},
    )


Ports = tuple[Port, ...]


def model(
    path: Path, inputs: Ports = (IMAGE,), outputs: Ports = (PLANE,), bench: Workbench | None = None
) -> OnnxModel:
    return OnnxModel(OnnxNet("tiny", path, inputs, outputs), bench or Workbench())


def image(side: int = 16) -> npt.NDArray[np.float32]:
    return np.random.default_rng(0).random((1, 3, side, side), dtype=np.float32)


def test_what_comes_out_is_what_the_network_computes(blur):
    (found,) = model(blur).run(np.ones((1, 3, 4, 4), np.float32))
    middle = np.linspace(-1, 1, 27).sum()
    assert found.shape == (1, 1, 4, 4)
    assert found.dtype == np.float32
    assert found[0, 0, 1, 1] == pytest.approx(middle, abs=1e-5)


def test_device_and_library_are_said_when_a_network_opens(blur, caplog):
    with caplog.at_level(logging.INFO):
        model(blur).run(image())
    assert "tiny runs on CPUExecutionProvider" in caplog.text


def test_one_thread_or_four_give_the_same_bytes(blur):
    one, four = (
        model(blur, bench=Workbench(Compute(threads=count))).run(image(200))[0] for count in (1, 4)
    )
    np.testing.assert_array_equal(one, four)


def test_a_network_that_was_sent_away_opens_again(blur):
    bench = Workbench()
    net = model(blur, bench=bench)
    before = net.run(image())[0]
    bench.clear()
    assert not net.is_open
    np.testing.assert_array_equal(net.run(image())[0], before)


def test_half_precision_files_take_and_give_float32(tmp_path):
    from onnx import TensorProto

    path = save_net(
        tmp_path / "half.onnx",
        [("Identity", ("image",), "out", {})],
        {"image": [1, 3, "h", "w"]},
        {"out": [1, 3, "h", "w"]},
        kind=TensorProto.FLOAT16,
    )
    (found,) = model(path, outputs=(IMAGE,)).run(image())
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, image(), atol=1e-3)


def test_inputs_are_told_apart_by_name_not_by_place(tmp_path):
    path = save_net(
        tmp_path / "two.onnx",
        [("Sub", ("mask", "image"), "out", {})],
        {"mask": [1, 3, "h", "w"], "image": [1, 3, "h", "w"]},
        {"out": [1, 3, "h", "w"]},
    )
    named = (Port(IMAGE.shape, "image"), Port(IMAGE.shape, "mask"))
    (found,) = model(path, named, (IMAGE,)).run(image(), image() + 1)
    np.testing.assert_allclose(found, 1.0, atol=1e-6)


@pytest.mark.parametrize(
    ("inputs", "outputs", "sentence"),
    [
        ((Port((1, 1, None, None)),), (PLANE,), "has the shape 1 x 3 x any x any instead of"),
        ((IMAGE, PLANE), (PLANE,), "1 inputs instead of 2"),
        ((Port(IMAGE.shape, "pixels"),), (PLANE,), "no input pixels (it has image)"),
        ((IMAGE,), (PLANE, PLANE), "1 outputs instead of 2"),
        ((IMAGE,), (Port((1, None)),), "instead of 1 x any"),
    ],
)
def test_another_network_is_refused_with_what_differs(blur, inputs, outputs, sentence):
    net = model(blur, inputs, outputs)
    with pytest.raises(NetworkError, match="another") as caught:
        net.run(*(image() for _ in inputs))
    assert sentence in str(caught.value)
    assert not net.is_open


def test_a_file_that_is_no_network_is_refused(tmp_path):
    path = tmp_path / "text.onnx"
    path.write_bytes(b"this is no network")
    with pytest.raises(NetworkError, match="tiny: cannot be opened by ONNX Runtime"):
        model(path).run(image())


def test_a_file_cut_short_is_refused(blur, tmp_path):
    path = tmp_path / "short.onnx"
    path.write_bytes(blur.read_bytes()[:-40])
    with pytest.raises(NetworkError, match="cannot be opened"):
        model(path).run(image())


def test_an_answer_that_is_no_number_is_refused(blur):
    bad = image()
    bad[0, 0, 3, 3] = np.nan
    with pytest.raises(NetworkError, match="no numbers"):
        model(blur).run(bad)


def test_an_answer_of_another_shape_is_refused(blur):
    with pytest.raises(NetworkError, match="its answer has the shape 1 x 1 x 16 x 16"):
        model(blur, outputs=(Port((1, 1, 8, 8)),)).run(image())


def test_a_size_the_network_cannot_take_is_an_error_and_no_crash(tmp_path):
    path = save_net(
        tmp_path / "fixed.onnx",
        [("Identity", ("image",), "out", {})],
        {"image": [1, 3, 8, 8]},
        {"out": [1, 3, 8, 8]},
    )
    with pytest.raises(NetworkError, match="cannot be run"):
        model(path, outputs=(IMAGE,)).run(image())


def test_too_little_memory_is_an_error_of_its_own(tmp_path):
    path = save_net(
        tmp_path / "huge.onnx",
        [("Expand", ("image", "to"), "out", {})],
        {"image": [1, 3, 1, 1]},
        {"out": [1, 3, "h", "w"]},
        {"to": np.array([1, 3, 2_000_000, 200_000])},
    )
    with pytest.raises(OutOfMemoryError, match="not enough memory"):
        model(path, (Port((1, 3, 1, 1)),), (IMAGE,)).run(np.ones((1, 3, 1, 1), np.float32))


def test_providers_are_named_best_first_and_the_cpu_last():
    every = ["TensorrtExecutionProvider", "CUDAExecutionProvider", "OpenVINOExecutionProvider"]
    every += ["AzureExecutionProvider", "CPUExecutionProvider"]
    cuda, vino, cpu = every[1], every[2], every[4]
    assert providers_for("auto", every) == (cuda, cpu)
    assert providers_for("auto", [cpu]) == (cpu,)
    assert providers_for("cpu", every) == (cpu,)
    assert providers_for("cuda:0", every) == (cuda, cpu)
    assert providers_for("openvino", every) == (vino, cpu)
    assert providers_for("mps", [cpu]) == (cpu,)


def test_a_named_device_that_is_not_there_stops():
    with pytest.raises(UsageError, match="device cuda: this ONNX Runtime has only cpu"):
        providers_for("cuda", ["CPUExecutionProvider"])


def test_without_the_library_the_extra_is_named(blur, monkeypatch):
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    with pytest.raises(MissingExtraError, match="portrait-frame\\[neural\\]"):
        model(blur).run(image())


def test_nothing_heavy_is_imported_before_a_network_runs():
    code = (
        "import sys, prerender.engines.neural.onnx_runtime\n"
        "assert not {'onnxruntime', 'torch', 'cv2'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
