"""The one door to ONNX Runtime: a verified file becomes a network with a known signature.

Method: providers are always named (models.md 0.4); sessions do not spin, keep no arena and compute
in a fixed order, so that they share the machine and the same input gives the same bytes.
"""

import logging
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from frame_app.base.errors import UsageError
from frame_app.base.optional import require
from prerender.engines.neural.workbench import NetworkError, OutOfMemoryError, Workbench

log = logging.getLogger(__name__)

EXTRA: Final = "neural"
"""What brings the library."""

_PROVIDERS: Final = {
    "cuda": "CUDAExecutionProvider",
    "rocm": "ROCMExecutionProvider",
    "coreml": "CoreMLExecutionProvider",
    "openvino": "OpenVINOExecutionProvider",
    "dml": "DmlExecutionProvider",
    "cpu": "CPUExecutionProvider",
}
# OpenVINO, Core ML and DirectML are taken only when named: each computes a little differently.
_AUTO: Final = ("cuda", "rocm", "cpu")
_TYPES: Final[Mapping[str, type[np.generic]]] = {
    "tensor(float)": np.float32,
    "tensor(float16)": np.float16,
    "tensor(double)": np.float64,
    "tensor(uint8)": np.uint8,
    "tensor(int64)": np.int64,
    "tensor(bool)": np.bool_,
}
_NO_MEMORY: Final = ("allocate memory", "bad_alloc", "out of memory", "CUDA_ERROR_OUT_OF_MEMORY")
_CODE: Final = re.compile(r"^\d+ : [A-Z_]+ : ")
_PLACE: Final = re.compile(r"Load model from .*? failed: ?")
_FATAL_ONLY: Final = 4  # what goes wrong is raised; the library need not print it too

_F32 = npt.NDArray[np.float32]
_Any = npt.NDArray[Any]


@dataclass(frozen=True, slots=True)
class Port:
    """An input or an output as the calling code knows it."""

    shape: tuple[int | None, ...]
    """None: any size."""
    name: str = ""
    """Empty: whatever it is called, by position."""


@dataclass(frozen=True, slots=True)
class OnnxNet:
    """What a file must hold to be used."""

    name: str
    """Of the model, for log lines and errors."""
    path: Path
    inputs: tuple[Port, ...]
    outputs: tuple[Port, ...]
    """The first ones of the file; more are left alone."""
    need_bytes: int = 0
    """Memory it takes while it runs, about."""


class OnnxModel:
    """A network on ONNX Runtime; opens when first run. One thread."""

    def __init__(self, net: OnnxNet, bench: Workbench) -> None:
        self._net = net
        self._bench = bench
        self._session: Any = None
        self._feeds: tuple[tuple[str, type[np.generic]], ...] = ()
        self._fetches: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """See `Tenant.name`."""
        return self._net.name

    @property
    def need_bytes(self) -> int:
        """See `Tenant.need_bytes`."""
        return self._net.need_bytes

    @property
    def is_open(self) -> bool:
        """Whether it is in memory."""
        return self._session is not None

    def release(self) -> None:
        """See `Tenant.release`."""
        self._session = None

    def close(self) -> None:
        """Free the memory and give up the place on the workbench."""
        self._bench.leave(self)
        self.release()

    def run(self, *values: _Any) -> tuple[_F32, ...]:
        """The first outputs, float32, for one array per input, in the order of the signature.

        Raises:
            MissingExtraError: ONNX Runtime is not installed.
            OutOfMemoryError: there is not enough memory for an input of this size.
            NetworkError: the file is no such network, or what came out is no number.
        """
        if self._session is None:
            self._open()
        else:
            self._bench.touch(self)
        feeds = {
            name: np.ascontiguousarray(value, kind)
            for (name, kind), value in zip(self._feeds, values, strict=True)
        }
        try:
            found = self._session.run(list(self._fetches), feeds)
        except _faults() as error:
            raise self._error("cannot be run", error) from error
        results = tuple(np.asarray(value, np.float32) for value in found)
        for port, value in zip(self._net.outputs, results, strict=True):
            if problem := _misfit(port, value.shape):
                raise NetworkError(self.name, f"its answer {problem}")
            if not np.isfinite(value).all():
                raise NetworkError(
                    self.name, "its answer holds values that are no numbers (NaN or infinite)"
                )
        return results

    def _open(self) -> None:
        runtime = require("onnxruntime", extra=EXTRA)
        runtime.disable_telemetry_events()
        self._bench.admit(self)
        compute = self._bench.compute
        providers = providers_for(compute.device, runtime.get_available_providers())
        options = runtime.SessionOptions()
        options.intra_op_num_threads = compute.thread_count
        options.inter_op_num_threads = 1
        options.use_deterministic_compute = True
        options.enable_cpu_mem_arena = False  # what is freed goes back to the machine
        options.log_severity_level = _FATAL_ONLY
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        limits = [_limits(provider, compute.memory_bytes) for provider in providers]
        try:
            session = runtime.InferenceSession(
                self._net.path, options, providers=list(providers), provider_options=limits
            )
        except _faults() as error:
            self.close()
            raise self._error("cannot be opened", error) from error
        try:
            self._feeds = tuple(
                (node.name, _TYPES[node.type])
                for node in self._matched("input", session.get_inputs(), self._net.inputs)
            )
            outputs = self._matched("output", session.get_outputs(), self._net.outputs)
            self._fetches = tuple(node.name for node in outputs)
        except NetworkError:
            self.close()
            raise
        used = session.get_providers()[0]
        log.info("%s runs on %s with ONNX Runtime %s", self.name, used, runtime.__version__)
        if used != providers[0]:
            log.warning("%s: %s could not be started; %s is used", self.name, providers[0], used)
        self._session = session

    def _matched(self, role: str, nodes: list[Any], ports: tuple[Port, ...]) -> list[Any]:
        """The nodes of the file for the ports, by name where the port has one."""
        if len(nodes) < len(ports) or (role == "input" and len(nodes) > len(ports)):
            problem = f"has {len(nodes)} {role}s instead of {len(ports)}"
            raise NetworkError(self.name, f"its network {problem}: it is another one")
        by_name = {node.name: node for node in nodes}
        matched = []
        for port, node in zip(ports, nodes, strict=False):
            if port.name and port.name not in by_name:
                have = ", ".join(by_name)
                problem = f"no {role} {port.name} (it has {have})"
                raise NetworkError(self.name, f"its network has {problem}: it is another one")
            chosen = by_name[port.name] if port.name else node
            problem = _misfit(port, tuple(chosen.shape))
            if role == "input" and chosen.type not in _TYPES:
                problem = f"is a {chosen.type}"
            if problem:
                raise NetworkError(
                    self.name, f"its {role} {chosen.name} {problem}: it is another network"
                )
            matched.append(chosen)
        return matched

    def _error(self, what: str, error: BaseException) -> NetworkError:
        text = str(error)
        if isinstance(error, MemoryError) or any(sign in text for sign in _NO_MEMORY):
            return OutOfMemoryError(self.name, "not enough memory for a picture of this size")
        return NetworkError(self.name, f"{what} by ONNX Runtime ({_spoken(text)})")


def providers_for(device: str, available: list[str]) -> tuple[str, ...]:
    """Execution providers for a device, best first, the CPU always last.

    Raises:
        UsageError: the device was named and is not there.
    """
    there = {name: kind for name, kind in _PROVIDERS.items() if kind in available}
    if device == "auto" or (device == "mps" and "coreml" not in there):
        # torch calls Apple's GPU mps; ONNX Runtime has it only as Core ML
        return tuple(there[name] for name in _AUTO if name in there)
    wanted = "coreml" if device == "mps" else device.partition(":")[0]
    if wanted not in there:
        known = ", ".join(there)
        msg = f"device {device}: this ONNX Runtime has only {known}"
        raise UsageError(msg)
    return tuple(dict.fromkeys((there[wanted], _PROVIDERS["cpu"])))


def _limits(provider: str, memory_bytes: int) -> dict[str, str]:
    if provider != _PROVIDERS["cuda"]:
        return {}
    limit = {"gpu_mem_limit": str(memory_bytes)} if memory_bytes else {}
    return {"arena_extend_strategy": "kSameAsRequested", **limit}


def _faults() -> tuple[type[BaseException], ...]:
    """What the library raises: its classes have no common root of their own."""
    state = require("onnxruntime.capi.onnxruntime_pybind11_state", extra=EXTRA)
    own = [kind for kind in vars(state).values() if isinstance(kind, type)]
    return (
        *(kind for kind in own if issubclass(kind, Exception)),
        RuntimeError,
        ValueError,
        MemoryError,
    )


def _misfit(port: Port, shape: tuple[object, ...]) -> str:
    """How a shape differs from a port's, as the end of a sentence; empty if it fits."""
    fits = len(shape) == len(port.shape) and all(
        wanted is None or not isinstance(have, int) or have == wanted
        for wanted, have in zip(port.shape, shape, strict=True)
    )
    if fits:
        return ""
    return f"has the shape {_spelled(shape)} instead of {_spelled(port.shape)}"


def _spoken(text: str) -> str:
    """What the library complains of, without its code numbers and the place of the file."""
    first = text.partition("\n")[0].removeprefix("[ONNXRuntimeError] : ")
    return _PLACE.sub("", _CODE.sub("", first))[:160].rstrip(" .:")


def _spelled(shape: tuple[object, ...]) -> str:
    return " x ".join(str(side) if isinstance(side, int) else "any" for side in shape)
