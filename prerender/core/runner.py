"""Runs plans: hands each node to an executor as soon as its inputs exist.

Nodes of several portraits overlap, so that all cores stay busy; portraits come out as they finish.
"""

import logging
import math
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Executor, Future, wait
from dataclasses import dataclass, field
from typing import Protocol

from frame_app.base.errors import PortraitError, StageError, StorageError
from prerender.core.estimate import expected_seconds
from prerender.core.plan import Node, Plan
from prerender.core.store import Seal, Store
from prerender.core.work import Job, perform

log = logging.getLogger(__name__)

_TICK_S = 0.5  # how often the deadline is looked at


class Observer(Protocol):
    """Whom the runner tells what happens; called on the thread that runs it."""

    def planned(self, plan: Plan, todo: tuple[Node, ...]) -> None:
        """A portrait begins; `todo` is what is not in the store."""
        ...

    def finished(self, plan: Plan, node: Node, seal: Seal) -> None:
        """A node of `todo` is done."""
        ...


@dataclass(slots=True)
class Outcome:
    """What became of one plan. Filled by the runner, read by everyone else."""

    plan: Plan
    seals: dict[str, Seal] = field(default_factory=dict)
    """Per label, of every node that exists."""
    made: set[str] = field(default_factory=set)
    """Labels of the nodes that this run made."""
    error: PortraitError | None = None
    is_stopped: bool = False
    """The deadline came first; what was made is kept."""

    @property
    def is_complete(self) -> bool:
        """Whether every node exists."""
        return len(self.seals) == len(self.plan.nodes)


@dataclass(slots=True, eq=False)
class _Active:
    """A plan in work."""

    outcome: Outcome
    todo: list[Node]
    pending: int = 0
    """Nodes handed over and not yet settled."""

    def ready(self) -> list[Node]:
        missing = {node.key for node in self.outcome.plan.nodes} - {
            seal.key for seal in self.outcome.seals.values()
        }
        ready = [node for node in self.todo if not missing.intersection(node.inputs.values())]
        # The longest clip first, so that no core waits long for another one at the end.
        return sorted(
            ready, key=lambda node: -expected_seconds(node.label) if node.clip else -math.inf
        )

    @property
    def is_over(self) -> bool:
        gave_up = self.outcome.error is not None or self.outcome.is_stopped
        return self.pending == 0 and (gave_up or not self.todo)


class Runner:
    """Runs plans with an executor that is made when the first node has to be."""

    def __init__(
        self,
        store: Store,
        make_executor: Callable[[], Executor],
        *,
        window: int,
        is_over: Callable[[], bool] = lambda: False,
    ) -> None:
        """See the class.

        Args:
            store: Where artifacts lie.
            make_executor: Called at first need, and again if a worker process died.
            window: How many portraits are in work at once.
            is_over: Asked before each node; True lets what runs finish and starts nothing more.
        """
        self._store = store
        self._make_executor = make_executor
        self._window = window
        self._is_over = is_over
        self._executor: Executor | None = None
        self._futures: dict[Future[Seal], tuple[_Active, Node]] = {}
        self._suspects: list[tuple[_Active, Node]] = []

    def run(self, plans: Iterable[Plan], observer: Observer) -> Iterator[Outcome]:
        """Make what is missing; yields each portrait when nothing more will happen to it.

        Raises:
            StorageError: the disk is full or read-only; nothing else would succeed either.
        """
        source = iter(plans)
        active: list[_Active] = []
        exhausted = False
        try:
            while active or not exhausted:
                while not exhausted and len(active) < self._window:
                    plan = next(source, None)
                    if plan is None:
                        exhausted = True
                    else:
                        active.append(self._admit(plan, observer))
                self._submit(active)
                self._collect(observer)
                for finished in [item for item in active if item.is_over]:
                    active.remove(finished)
                    yield finished.outcome
        finally:
            self._close()

    def _admit(self, plan: Plan, observer: Observer) -> _Active:
        outcome = Outcome(plan)
        for node in plan.nodes:
            if (seal := self._store.verify(node.key)) is not None:
                outcome.seals[node.label] = seal
        todo = [node for node in plan.nodes if node.label not in outcome.seals]
        observer.planned(plan, tuple(todo))
        return _Active(outcome, todo)

    def _submit(self, active: list[_Active]) -> None:
        if self._suspects:
            self._submit_suspect()
            return
        for item in active:
            if item.todo and self._is_over():
                item.outcome.is_stopped = True
                item.todo.clear()
            for node in item.ready():
                item.todo.remove(node)
                item.pending += 1
                self._hand_over(item, node)

    def _submit_suspect(self) -> None:
        """After a crash each node that was running runs alone, so that the guilty one is known."""
        if not self._futures:
            self._hand_over(*self._suspects[0])

    def _hand_over(self, item: _Active, node: Node) -> None:
        if self._executor is None:
            self._executor = self._make_executor()
        plan = item.outcome.plan
        job = Job(node, plan.photo, self._store, plan.engines)
        try:
            self._futures[self._executor.submit(perform, job)] = (item, node)
        except BrokenExecutor:
            self._recover([(item, node)])

    def _collect(self, observer: Observer) -> None:
        if not self._futures:
            return
        done, _ = wait(self._futures, timeout=_TICK_S, return_when=FIRST_COMPLETED)
        broken: list[tuple[_Active, Node]] = []
        for future in [future for future in self._futures if future in done]:
            item, node = self._futures.pop(future)
            try:
                seal = future.result()
            except BrokenExecutor:
                broken.append((item, node))
                continue
            except PortraitError as error:
                self._fail(item, error)
            else:
                item.outcome.seals[node.label] = seal
                item.outcome.made.add(node.label)
                observer.finished(item.outcome.plan, node, seal)
            self._settle(item, node)
        if broken:
            self._recover(broken)

    def _recover(self, broken: list[tuple[_Active, Node]]) -> None:
        """Go on with a new executor after a worker process died."""
        broken.extend(self._futures.values())
        self._futures.clear()
        self._close()
        for item, node in broken:
            if (item, node) not in self._suspects:
                self._suspects.append((item, node))
            elif self._suspects[0] == (item, node):  # it ran alone
                self._fail(item, StageError(node.label, _DIED))
                self._settle(item, node)
        if self._suspects:
            log.warning("a worker process died; what it was doing is tried again, one by one")

    def _settle(self, item: _Active, node: Node) -> None:
        item.pending -= 1
        if (item, node) in self._suspects:
            self._suspects.remove((item, node))

    def _fail(self, item: _Active, error: PortraitError) -> None:
        if isinstance(error, StorageError):
            raise error
        item.outcome.error = item.outcome.error or error
        item.todo.clear()

    def _close(self) -> None:
        if self._executor is not None:
            self._executor.shutdown(wait=False, cancel_futures=True)
            self._executor = None


_DIED = "its process died twice, probably for want of memory; use a smaller canvas or --jobs 1"
