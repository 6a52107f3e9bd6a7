"""What a run shows: a bar with the time left on a terminal, plain lines otherwise."""

import contextlib
import logging
import sys
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, cast

from prerender.core.estimate import expected_seconds
from prerender.core.plan import Node, Plan
from prerender.core.report import PortraitEntry, Status
from prerender.core.store import Seal

if TYPE_CHECKING:
    from rich.progress import Progress as Bars
    from rich.progress import TaskID

log = logging.getLogger(__name__)


class Progress:
    """Tells nothing but failures; the base of the others. An `Observer` of the runner."""

    def planned(self, plan: Plan, todo: tuple[Node, ...]) -> None:
        """See `Observer.planned`."""

    def finished(self, plan: Plan, node: Node, seal: Seal) -> None:
        """See `Observer.finished`."""

    def done(self, entry: PortraitEntry) -> None:
        """A portrait came out of the run."""
        if entry.error is not None:
            self.say(f"failed: {entry.error}")

    def say(self, text: str) -> None:
        """One line for people."""
        sys.stderr.write(text + "\n")


class PlainProgress(Progress):
    """A line per step, for logs and pipes."""

    def planned(self, plan: Plan, todo: tuple[Node, ...]) -> None:
        """See `Observer.planned`."""
        self.say(f"{plan.photo.name}: {len(todo)} of {len(plan.nodes)} steps to do")

    def finished(self, plan: Plan, node: Node, seal: Seal) -> None:
        """See `Observer.finished`."""
        kind = "clip " if node.is_clip else ""
        self.say(f"{plan.photo.name}: {kind}{node.label} done in {seal.seconds:.1f} s")

    def done(self, entry: PortraitEntry) -> None:
        """See `Progress.done`."""
        for text in entry.warnings:
            self.say(f"{entry.photo.name}: note: {text}")
        if entry.error is not None:
            self.say(f"failed: {entry.error}")
        elif entry.status is Status.UNCHANGED:
            self.say(f"{entry.photo.name}: unchanged, portrait {entry.id}")
        elif entry.status is Status.MADE:
            self.say(f"{entry.photo.name}: published as {entry.folder} in {entry.seconds:.1f} s")


class BarProgress(PlainProgress):
    """One bar for the whole run, from the first portrait on that is not finished."""

    def __init__(self, photos: int) -> None:
        self._bars: Bars | None = None
        self._task = cast("TaskID", 0)
        self._photos, self._begun = photos, 0
        self._total_s = 0.0

    def planned(self, plan: Plan, todo: tuple[Node, ...]) -> None:
        """See `Observer.planned`."""
        if self._bars is None:
            from prerender.cli.bars import work_bars  # rich, only if there is something to show

            self._bars = work_bars()
            self._task = self._bars.add_task("reading", total=None)
            self._bars.start()
        self._begun += 1
        self._total_s += sum(expected_seconds(node.label) for node in todo)
        rest = max(0, self._photos - self._begun)  # taken to be like the ones so far
        total = self._total_s * (1 + rest / self._begun)
        self._bars.update(self._task, total=max(total, 1e-6), description=plan.photo.name)

    def finished(self, plan: Plan, node: Node, seal: Seal) -> None:
        """See `Observer.finished`."""
        del seal
        text = f"{plan.photo.name}: {node.label}"
        if self._bars is not None:
            self._bars.update(self._task, advance=expected_seconds(node.label), description=text)

    def say(self, text: str) -> None:
        """See `Progress.say`."""
        if self._bars is None:
            super().say(text)
        else:
            self._bars.console.print(text, highlight=False, markup=False)

    def close(self) -> None:
        """Take the bar away."""
        if self._bars is not None:
            self._bars.stop()


@contextlib.contextmanager
def progress_for(*, is_quiet: bool, photos: int) -> Iterator[Progress]:
    """The right kind of progress for where stderr goes."""
    if is_quiet:
        yield Progress()
    elif not sys.stderr.isatty():
        yield PlainProgress()
    else:
        with contextlib.closing(BarProgress(photos)) as progress:
            yield progress


Fetched = Callable[[int, int], None]
"""Told bytes that are here, and bytes in all (0 if nobody knows)."""


@contextlib.contextmanager
def fetch_progress() -> Iterator[Callable[[str], Fetched]]:
    """For each file that is fetched: a bar on a terminal, a line per tenth otherwise."""
    if not sys.stderr.isatty():
        yield _tenths
        return
    from prerender.cli.bars import fetch_bars  # as above

    with fetch_bars() as bars:

        def bar(name: str) -> Fetched:
            task = bars.add_task(name, total=None)
            return lambda here, total: bars.update(task, completed=here, total=total or None)

        yield bar


def _tenths(name: str) -> Fetched:
    said = -1

    def show(here: int, total: int) -> None:
        nonlocal said
        tenth = 10 * here // total if total else 0
        if tenth > said:
            said = tenth
            whole = f" of {total / 1e6:.1f}" if total else ""
            sys.stderr.write(f"{name}: {here / 1e6:.1f}{whole} MB\n")

    return show
