"""What networks may use of this machine, and which of them are in memory now.

Both runtimes share it: a network that is about to be opened makes room by sending away those that
were not used for longest. One that was sent away opens again when it is next asked.
"""

import logging
import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from frame_app.base.errors import EngineError, UsageError

log = logging.getLogger(__name__)

_MEMINFO = Path("/proc/meminfo")
_CGROUP = Path("/sys/fs/cgroup")
_SPARE = 1.1  # free memory that is wanted for each byte a network needs


class NetworkError(EngineError):
    """A network cannot be opened, is not the one that was expected, or gave nonsense.

    `engine` is the model's id, which is its engine's id too; `task` stays empty.
    """

    def __init__(self, model: str, problem: str) -> None:
        super().__init__("", model, problem)
        self.args = (f"{model}: {problem}",)


class NothingSeenError(NetworkError):
    """A network is sound and has nothing to say about this very picture."""


class OutOfMemoryError(NetworkError):
    """A network ran out of memory; a smaller tile or batch may pass."""


@dataclass(frozen=True, slots=True)
class Compute:
    """What may be used; goes to worker processes as it is."""

    device: str = "auto"
    """`auto` takes the best there is, else `cpu`, `cuda`, `mps`, ...: a name the runtime knows."""
    threads: int = 0
    """Of one network on the CPU; 0 is one per core."""
    memory_bytes: int = 0
    """For networks altogether; 0 is what the machine has."""

    @property
    def thread_count(self) -> int:
        """Threads, at least one: as many as there are cores that this process may use."""
        if self.threads:
            return self.threads
        affinity = getattr(os, "sched_getaffinity", None)  # absent on macOS
        return len(affinity(0)) if affinity else os.cpu_count() or 1


DEVICE = "PORTRAIT_FRAME_DEVICE"
"""Names the environment variable with the device of networks: a machine has one, not a recipe."""
DEVICE_GB = "PORTRAIT_FRAME_DEVICE_GB"
"""And how much of its memory they may take, in 10^9 bytes."""
_DEVICES = re.compile(r"auto|(cpu|cuda|rocm|mps|coreml|openvino|dml)(:\d+)?")


def compute_of(environment: Mapping[str, str]) -> Compute:
    """What the two variables say.

    Raises:
        UsageError: they say what cannot be.
    """
    device = environment.get(DEVICE, "") or "auto"
    if not _DEVICES.fullmatch(device):
        msg = f"{DEVICE}={device}: write auto, cpu, cuda, cuda:1, rocm, mps, coreml or openvino"
        raise UsageError(msg)
    try:
        gigabytes = float(environment.get(DEVICE_GB, "") or 0)
    except ValueError:
        gigabytes = -1.0
    if not 0.0 <= gigabytes < 1e6:
        msg = f"{DEVICE_GB}={environment[DEVICE_GB]}: write a number of gigabytes, for example 6"
        raise UsageError(msg)
    return Compute(device=device, memory_bytes=int(gigabytes * 1e9))


class Tenant(Protocol):
    """A network that can be sent away."""

    @property
    def name(self) -> str:
        """For log lines."""
        ...

    @property
    def need_bytes(self) -> int:
        """Memory it takes while it runs, about."""
        ...

    def release(self) -> None:
        """Free the memory; the next use opens it again."""
        ...


class Workbench:
    """Which networks are in memory; one per process, one thread."""

    def __init__(
        self, compute: Compute | None = None, free_bytes: Callable[[], int] | None = None
    ) -> None:
        self.compute = compute or Compute()
        self._free_bytes = free_bytes or free_memory
        self._tenants: list[Tenant] = []  # the longest unused first

    def admit(self, tenant: Tenant, free_bytes: Callable[[], int] | None = None) -> None:
        """Make room for a network that is about to be opened, and remember it.

        `free_bytes` tells what is free where it will run; in the machine's memory by default.
        """
        self.leave(tenant)
        while self._tenants and self._room(free_bytes) < _SPARE * tenant.need_bytes:
            other = self._tenants[0]
            log.info("%s leaves memory to make room for %s", other.name, tenant.name)
            self.leave(other)
            other.release()
        if (room := self._room(free_bytes)) < tenant.need_bytes:
            message = "%s needs about %.1f GB of memory and %.1f GB are free: it may fail or crawl"
            log.warning(message, tenant.name, tenant.need_bytes / 1e9, room / 1e9)
        self._tenants.append(tenant)

    def touch(self, tenant: Tenant) -> None:
        """Note that a network that is in memory is used."""
        if self._tenants and self._tenants[-1] is not tenant:
            self.leave(tenant)
            self._tenants.append(tenant)

    def leave(self, tenant: Tenant) -> None:
        """Forget a network that is not, or not for long, in memory."""
        self._tenants = [other for other in self._tenants if other is not tenant]

    def clear(self) -> None:
        """Send all networks away, as between two stages."""
        tenants, self._tenants = self._tenants, []
        for tenant in tenants:
            tenant.release()

    def _room(self, free_bytes: Callable[[], int] | None) -> int:
        free = (free_bytes or self._free_bytes)()
        if self.compute.memory_bytes:
            taken = sum(tenant.need_bytes for tenant in self._tenants)
            free = min(free, self.compute.memory_bytes - taken)
        return free


def too_little_memory(need_bytes: int) -> str:
    """Why a network that needs so much cannot be had on this machine; empty if it can.

    Asks what the machine has, not what is free: the choice of an engine must not change from one
    hour to the next.
    """
    total = total_memory()
    if need_bytes <= total:
        return ""
    return (
        f"it needs about {need_bytes / 1e9:.1f} GB of memory and this machine has "
        f"{total / 1e9:.1f} GB"
    )


def free_memory() -> int:
    """Bytes that can be taken now without pushing others out."""
    limit, used = _cgroup("memory.max"), _cgroup("memory.current")
    free = _meminfo("MemAvailable")
    return min(free, max(0, limit - used)) if limit and used else free


def total_memory() -> int:
    """Bytes this machine, or the container this runs in, has at all; does not change in a run."""
    total = _meminfo("MemTotal")
    limit = _cgroup("memory.max")
    return min(total, limit) if limit else total


def _meminfo(name: str) -> int:
    try:
        lines = _MEMINFO.read_text(encoding="ascii").splitlines()
    except OSError:  # not Linux: the whole of it is the best that is known
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    kib = next((line.split()[1] for line in lines if line.startswith(f"{name}:")), "0")
    return int(kib) * 1024


def _cgroup(name: str) -> int:
    """A limit or a figure of the container; 0 if there is none."""
    try:
        text = (_CGROUP / name).read_text(encoding="ascii").strip()
    except OSError:
        return 0
    return int(text) if text.isdigit() else 0
