"""The one door to torch: a network built late, run on the best device, sent away at need.

Sums are kept in one order and in full precision, so that the same input gives the same bytes on the
same machine, and the authors' numbers to the fifth digit: no benchmark mode, no TF32. Half
precision is torch's own autocast, on CUDA only, and only for networks whose contract allows it.
"""

import contextlib
import logging
from collections.abc import Callable
from dataclasses import dataclass
from types import ModuleType
from typing import Any

import numpy as np
import numpy.typing as npt

from frame_app.base.errors import UsageError
from frame_app.base.optional import require
from prerender.engines.neural.torch_weights import EXTRA
from prerender.engines.neural.workbench import NetworkError, OutOfMemoryError, Workbench

log = logging.getLogger(__name__)

Tensor = Any
"""A `torch.Tensor`; torch cannot be named before it is needed."""
Module = Any
"""A `torch.nn.Module`."""

_F32 = npt.NDArray[np.float32]
_ALIASES = {"rocm": "cuda", "coreml": "mps"}  # what ONNX Runtime calls the same chips
_ELSEWHERE = frozenset({"openvino", "dml"})  # devices that only ONNX Runtime knows
_NO_ROOM_FOR_CODE = "could not create a primitive"
"""What oneDNN says where there is no memory for the code that it writes for a shape.

Its writer stays in that error for as long as its thread lives, also when there is memory again
(measured, torch 2.13); and no thread can be begun safely where memory is short.
"""
_NO_MEMORY = (
    "out of memory",
    "can't allocate memory",
    "not enough memory",
    "bad_alloc",
    _NO_ROOM_FOR_CODE,
)


@dataclass(frozen=True, slots=True)
class TorchNet:
    """What a network is, before it is in memory."""

    name: str
    """Of the model, for log lines and errors."""
    build: Callable[[], Module]
    """Makes it on the CPU, weights loaded; raises `WeightsError` or `NetworkError`."""
    need_bytes: int = 0
    """Memory it takes while it runs, about."""
    allows_half: bool = False
    """Whether its contract allows half precision."""


class TorchModel:
    """A network on torch; built when first run. One thread."""

    def __init__(self, net: TorchNet, bench: Workbench) -> None:
        self._net = net
        self._bench = bench
        self._module: Module = None
        self._device = ""

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
        return self._module is not None

    @property
    def module(self) -> Module:
        """The network itself, on its device and never in training; opened if it is not."""
        if self._module is None:
            self._open()
        else:
            self._bench.touch(self)
        return self._module

    @property
    def device(self) -> str:
        """Where it runs: `cpu`, `cuda:0`, `mps`; opens it if it is not."""
        _ = self.module
        return self._device

    def room_bytes(self) -> int:
        """Memory that the device has for what goes through, beside the network; 0 on the CPU.

        Of what it has, or what it may use, at all: what is free changes from one hour to the next.
        """
        torch = require("torch", extra=EXTRA)
        if self.device.startswith("cuda"):
            total = int(torch.cuda.get_device_properties(self._device).total_memory)
        elif self.device.startswith("mps"):
            total = int(torch.mps.recommended_max_memory())
        else:
            return 0
        limit = self._bench.compute.memory_bytes
        return max(1, (min(total, limit) if limit else total) - self._net.need_bytes)

    def release(self) -> None:
        """See `Tenant.release`."""
        self._module = None
        _forget(self._device)

    def close(self) -> None:
        """Free the memory and give up the place on the workbench."""
        self._bench.leave(self)
        self.release()

    def run(
        self, *values: npt.NDArray[Any], call: Callable[..., Any] | None = None
    ) -> tuple[_F32, ...]:
        """Arrays in, arrays out.

        Args:
            values: One per input.
            call: Gets the network and the inputs as tensors; the plain call by default.

        Raises:
            OutOfMemoryError: there is not enough memory for inputs of this size.
            NetworkError: it cannot be run, or what came out is no number.
            WeightsError: its weights cannot be used.
        """
        found = self.compute(lambda net, *inputs: _called(net, inputs, call), *values)
        tensors = found if isinstance(found, (tuple, list)) else (found,)
        arrays = tuple(value.float().cpu().numpy() for value in tensors)
        for value in arrays:
            self.check(value)
        return arrays

    def compute(self, call: Callable[..., Any], *values: Any) -> Any:  # noqa: ANN401 (tensors)
        """Run `call(network, *inputs)` without gradients, and give back what it does.

        For engines that keep tensors between calls: arrays among `values` become tensors on the
        device, tensors pass. What comes out is not checked; see `check`.

        Raises:
            OutOfMemoryError: there is not enough memory for inputs of this size.
            NetworkError: it cannot be run.
            WeightsError: its weights cannot be used.
        """
        torch = require("torch", extra=EXTRA)
        module = self.module
        try:
            with torch.inference_mode(), self._precision(torch):
                inputs = [self._placed(torch, value) for value in values]
                return call(module, *inputs)
        except (RuntimeError, ValueError, MemoryError) as error:
            self._do_without_onednn(error)
            problem = self._error(error)
        # Outside the handler: until here the traceback holds every tensor of the failed call.
        _forget(self._device)
        raise problem

    def check(self, value: _F32) -> None:
        """Refuse an answer that holds values that are no numbers.

        Raises:
            NetworkError: it does.
        """
        if not np.isfinite(value).all():
            raise NetworkError(
                self.name, "its answer holds values that are no numbers (NaN or infinite)"
            )

    def _open(self) -> None:
        torch = require("torch", extra=EXTRA)
        compute = self._bench.compute
        self._device = device_for(compute.device)
        is_cuda = self._device.startswith("cuda")
        self._bench.admit(self, self._free_on_gpu if is_cuda else None)
        torch.set_num_threads(compute.thread_count)
        torch.backends.cudnn.deterministic = True
        torch.backends.cudnn.benchmark = False
        torch.backends.cudnn.allow_tf32 = False
        torch.backends.cuda.matmul.allow_tf32 = False
        if compute.memory_bytes and is_cuda:
            total = torch.cuda.get_device_properties(self._device).total_memory
            share = min(1.0, compute.memory_bytes / total)
            torch.cuda.set_per_process_memory_fraction(share, self._device)
        try:
            self._module = self._net.build().eval().to(self._device)
        except (RuntimeError, MemoryError) as error:
            self.close()
            self._do_without_onednn(error)
            raise self._error(error) from error
        except BaseException:
            self.close()
            raise
        half = " in half precision" if self._is_half else ""
        log.info("%s runs on %s with torch %s%s", self.name, self._device, torch.__version__, half)

    def _free_on_gpu(self) -> int:
        torch = require("torch", extra=EXTRA)
        return int(torch.cuda.mem_get_info(self._device)[0])

    @property
    def _is_half(self) -> bool:
        return self._net.allows_half and self._device.startswith("cuda")

    def _precision(self, torch: ModuleType) -> contextlib.AbstractContextManager[Any]:
        if not self._is_half:
            return contextlib.nullcontext()
        return torch.autocast("cuda", dtype=torch.float16)  # type: ignore[no-any-return]

    def _placed(self, torch: ModuleType, value: Any) -> Any:  # noqa: ANN401 (tensors)
        if isinstance(value, np.ndarray):
            return torch.from_numpy(np.ascontiguousarray(value)).to(self._device)
        return value.to(self._device) if torch.is_tensor(value) else value

    def _do_without_onednn(self, error: BaseException) -> None:
        """If it found no room for its code: it would fail for the rest of its thread's life."""
        if _NO_ROOM_FOR_CODE in str(error):
            torch = require("torch", extra=EXTRA)
            torch.backends.mkldnn.enabled = False
            log.warning("%s: out of memory; torch goes on without oneDNN, slower", self.name)

    def _error(self, error: BaseException) -> NetworkError:
        text = str(error)
        if isinstance(error, MemoryError) or any(sign in text for sign in _NO_MEMORY):
            return OutOfMemoryError(self.name, "not enough memory for a picture of this size")
        first = text.partition("\n")[0].partition(". ")[0][:160]
        problem = f"cannot be run by torch, so it may be another network ({first})"
        return NetworkError(self.name, problem)


def device_for(wanted: str) -> str:
    """What torch calls the device that was asked for; `auto` takes the best there is.

    Raises:
        UsageError: the device was named and is not there.
        MissingExtraError: torch is not installed.
    """
    torch = require("torch", extra=EXTRA)
    there = ["cpu"]
    if torch.backends.mps.is_available():
        there.insert(0, "mps")
    if torch.cuda.is_available():
        there.insert(0, "cuda")
    if wanted == "auto":
        return there[0]
    kind, _, number = wanted.partition(":")
    if kind in _ELSEWHERE:
        log.warning("torch has no device %s; %s is used for its networks", wanted, there[0])
        return there[0]
    kind = _ALIASES.get(kind, kind)
    if kind not in there:
        msg = f"device {wanted}: this torch has only {', '.join(there)}"
        raise UsageError(msg)
    return f"{kind}:{number}" if number else kind


def _called(net: Module, inputs: tuple[Tensor, ...], call: Callable[..., Any] | None) -> Any:  # noqa: ANN401 (tensors)
    return call(net, *inputs) if call is not None else net(*inputs)


def _forget(device: str) -> None:
    """Give memory that torch keeps for later back to the device."""
    if device.startswith(("cuda", "mps")):
        torch = require("torch", extra=EXTRA)
        (torch.cuda if device.startswith("cuda") else torch.mps).empty_cache()


__all__ = ["Module", "Tensor", "TorchModel", "TorchNet", "device_for"]
