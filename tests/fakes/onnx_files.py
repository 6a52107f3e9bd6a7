"""Tiny networks as real ONNX files; built by the library of the format itself."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy.typing as npt
import onnx
from onnx import TensorProto, helper, numpy_helper

# what ONNX Runtime 1.31 reads for certain; the onnx package may be newer
_OPSET, _IR = 17, 9

Shape = Sequence[int | str]


def save_net(
    path: Path,
    nodes: Sequence[tuple[str, Sequence[str], str, dict[str, Any]]],
    inputs: dict[str, Shape],
    outputs: dict[str, Shape],
    constants: dict[str, npt.NDArray[Any]] | None = None,
    kind: int = TensorProto.FLOAT,
) -> Path:
    """Write a network of (operator, names in, name out, attributes), in the order they run."""
    graph = helper.make_graph(
        [helper.make_node(op, list(into), [out], **more) for op, into, out, more in nodes],
        "tiny",
        [helper.make_tensor_value_info(name, kind, shape) for name, shape in inputs.items()],
        [helper.make_tensor_value_info(name, kind, shape) for name, shape in outputs.items()],
        [numpy_helper.from_array(value, name) for name, value in (constants or {}).items()],
    )
    opset = helper.make_opsetid("", _OPSET)
    model = helper.make_model(graph, opset_imports=[opset], ir_version=_IR)
    onnx.checker.check_model(model)
    path.parent.mkdir(parents=True, exist_ok=True)
    onnx.save(model, str(path))
    return path
