"""`prerender run`: photos become portraits of the library."""

import logging
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from frame_app.base.errors import LibraryError, StorageError, UsageError
from prerender.cli.common import (
    AsJson,
    Changes,
    Inbox,
    LibraryDir,
    Photos,
    RecipeName,
    StillLife,
    StoreDir,
    Turning,
    Wanted,
    Whom,
    collect_photos,
    deadline_of,
    default_jobs,
    make_pipeline,
    print_json,
    print_line,
)
from prerender.cli.exits import Exit
from prerender.cli.progress import Progress, progress_for
from prerender.core.report import PortraitEntry, RunReport, Status
from prerender.pipeline import Pipeline
from prerender.recipe import DEFAULT

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
    as_json: AsJson = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="only what went wrong")] = False,
) -> None:
    """Render what changed and publish it; a picture that fails is reported and stops no other."""
    chosen = collect_photos(photos, inbox)
    if title and len(chosen) > 1:
        msg = "--title names one portrait; give one photo with it"
        raise UsageError(msg)
    wanted = Wanted(recipe, changes or (), face, still_life, upright, library, store)
    pipeline = make_pipeline(
        wanted, jobs=jobs or default_jobs(), title=title, is_over=_clock_for(until)
    )
    report = RunReport(pipeline.settings.library, pipeline.recipe.name)
    with progress_for(is_quiet=quiet or as_json, photos=len(chosen)) as progress:
        fatal = _work(pipeline, chosen, report, progress)
    if as_json:
        document = report.as_json()
        if fatal is not None:
            document |= {"exit_code": fatal.exit_code, "error": str(fatal)}
        print_json(document)
    elif not quiet:
        _say_what_is_next(report)
    if fatal is not None:
        raise fatal
    raise typer.Exit(Exit(report.exit_code))


def _work(
    pipeline: Pipeline, photos: tuple[Path, ...], report: RunReport, progress: Progress
) -> StorageError | LibraryError | None:
    """Run, filling the report; returns what made the rest of the run pointless, if anything did."""
    try:
        for entry in pipeline.run(photos, progress):
            report.portraits.append(entry)
            progress.done(entry)
    except (StorageError, LibraryError) as error:
        return error
    return None


def _clock_for(until: str) -> Callable[[], bool]:
    deadline = deadline_of(until, datetime.now())  # noqa: DTZ005 (the clock on the wall)
    if deadline is None:
        return lambda: False
    return lambda: datetime.now() >= deadline  # noqa: DTZ005 (as above)


def _say_what_is_next(report: RunReport) -> None:
    counts = {
        status: sum(entry.status is status for entry in report.portraits) for status in Status
    }
    parts = [f"{count} {status.value}" for status, count in counts.items() if count]
    print_line(f"{', '.join(parts) or 'nothing to do'}; library: {report.library}")
    if counts[Status.STOPPED]:
        print_line("stopped in time; run the same command again to go on from there")
    if counts[Status.MADE] or counts[Status.UNCHANGED]:
        print_line(f"show it:    frame-app --library {report.library}")
        print_line(f"look at it: prerender library preview --library {report.library}")


__all__ = ["PortraitEntry", "run"]
