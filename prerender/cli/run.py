"""`prerender run`: photos become portraits of the library."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from frame_app.base import paths
from frame_app.base.errors import LibraryError, StorageError, UsageError
from prerender.cli.common import Wanted, collect_photos, deadline_of, make_pipeline
from prerender.cli.exits import Exit
from prerender.cli.options import (
    AsJson,
    Changes,
    Inbox,
    LibraryDir,
    Photos,
    RecipeName,
    StillLife,
    StoreDir,
    Turning,
    Whom,
)
from prerender.cli.printing import print_json, print_line
from prerender.cli.progress import Progress, progress_for
from prerender.core.report import PortraitEntry, RunReport, Status
from prerender.pipeline import Pipeline
from prerender.pipeline import generator as pipeline_generator
from prerender.recipe import DEFAULT

if TYPE_CHECKING:
    from prerender.core.reportpage import ReportPage

log = logging.getLogger(__name__)


def run(  # noqa: PLR0913 (the options are the command line)
    photos: Photos = None,
    *,
    inbox: Inbox = None,
    library: LibraryDir = None,
    store: StoreDir = None,
    recipe: RecipeName = DEFAULT,
    changes: Changes = None,
    face: Whom = None,
    still_life: StillLife = False,
    upright: Turning = None,
    title: Annotated[str, typer.Option("--title", help="of the one portrait")] = "",
    until: Annotated[
        str, typer.Option("--until", metavar="HH:MM", help="stop cleanly at this time of day")
    ] = "",
    jobs: Annotated[
        int,
        typer.Option("--jobs", min=0, help="worker processes; 0 is one per core, as memory allows"),
    ] = 0,
    report_dir: Annotated[
        Path | None,
        typer.Option("--report", metavar="DIR", help="where to write report.html and report.json"),
    ] = None,
    as_json: AsJson = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="only what went wrong")] = False,
) -> None:
    """Render what changed and publish it; a picture that fails is reported and stops no other."""
    chosen = collect_photos(photos, inbox)
    if title and len(chosen) > 1:
        msg = "--title names one portrait; give one photo with it"
        raise UsageError(msg)
    wanted = Wanted(recipe, changes or (), face, still_life, upright, library, store)
    pipeline = make_pipeline(wanted, jobs=jobs, title=title, is_over=_clock_for(until))
    report = RunReport(
        pipeline.settings.library, pipeline.recipe.name, generator=pipeline_generator()
    )
    night = _Night(report)
    try:
        with progress_for(is_quiet=quiet or as_json, photos=len(chosen)) as progress:
            report.fatal = _work(pipeline, chosen, night, progress)
    finally:  # interrupted or not, what was made is told
        written = night.write(report_dir)
    if as_json:
        print_json(report.document().model_dump(mode="json", by_alias=True))
    elif not quiet:
        _say_what_is_next(report, written)
    if report.fatal is not None:
        raise report.fatal
    raise typer.Exit(Exit(report.exit_code))


@dataclass(slots=True)
class _Night:
    """What a run did, and the page about it; that is begun when something was made."""

    report: RunReport
    _page: "ReportPage | None" = None

    def add(self, entry: PortraitEntry) -> None:
        """A portrait came out of the run."""
        self.report.portraits.append(entry)
        if entry.status is Status.MADE:
            self._begun().add(entry)

    def write(self, folder: Path | None) -> Path | None:
        """Write the report; None if nothing happened, or if there is no room for it."""
        report = self.report
        if not report.is_news:
            return None
        from prerender.core import archive  # as below

        root = paths.reports_dir()
        report.seconds = (datetime.now().astimezone() - report.started).total_seconds()
        document = report.document()
        target = folder or archive.folder_for(root, report.started)
        try:
            written = archive.write(target, document, self._begun().render(document))
        except StorageError as error:
            log.error("no report: %s", error)
            return None
        if folder is None:
            archive.prune(root)
        return written

    def _begun(self) -> "ReportPage":
        if self._page is None:
            from prerender.core.reportpage import ReportPage  # a run with nothing to do is short

            self._page = ReportPage(self.report.library)
        return self._page


def _work(
    pipeline: Pipeline, photos: tuple[Path, ...], night: _Night, progress: Progress
) -> StorageError | LibraryError | None:
    """Run, filling the report; returns what made the rest of the run pointless, if anything did."""
    try:
        for entry in pipeline.run(photos, progress):
            night.add(entry)
            progress.done(entry)
    except (StorageError, LibraryError) as error:
        return error
    return None


def _clock_for(until: str) -> Callable[[], bool]:
    deadline = deadline_of(until, datetime.now())  # noqa: DTZ005 (the clock on the wall)
    if deadline is None:
        return lambda: False
    return lambda: datetime.now() >= deadline  # noqa: DTZ005 (as above)


def _say_what_is_next(report: RunReport, page: Path | None) -> None:
    counts = {status: report.count(status) for status in Status}
    parts = [f"{count} {status.value}" for status, count in counts.items() if count]
    print_line(f"{', '.join(parts) or 'nothing to do'}; library: {report.library}")
    if counts[Status.STOPPED]:
        print_line("stopped in time; run the same command again to go on from there")
    if page is not None:
        print_line(f"report:     {page}")
    if counts[Status.MADE] or counts[Status.UNCHANGED]:
        print_line(f"show it:    frame-app --library {report.library}")
        print_line(f"look at it: prerender library preview --library {report.library}")


__all__ = ["PortraitEntry", "run"]
