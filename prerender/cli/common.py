"""What becomes of the options that several commands share."""

import os
from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from frame_app.base import paths
from frame_app.base.errors import UsageError
from prerender.core.choice import RegisteredEngines, network_bytes
from prerender.core.estimate import fitting_jobs
from prerender.core.stage import EngineParams
from prerender.engines.registry import Task
from prerender.media.files import photos_in
from prerender.pipeline import Pipeline, Settings
from prerender.recipe import DEFAULT, Recipe, load_recipe
from prerender.stages import STAGES
from prerender.stages.upscale import UpscaleParams, UpscaleStage

_SHAPE = 0.8  # of the square over its long side that a canvas covers at most, as people print


@dataclass(frozen=True, slots=True)
class Wanted:
    """The shared options as they were given."""

    recipe: str = DEFAULT
    changes: Sequence[str] = ()
    face: str | None = None
    still_life: bool = False
    upright: str | None = None
    library: Path | None = None
    store: Path | None = None


def make_pipeline(
    wanted: Wanted,
    *,
    jobs: int = 1,
    title: str = "",
    is_over: Callable[[], bool] = lambda: False,
) -> Pipeline:
    """Everything a command needs, from its options; 0 jobs are as many as cores and memory allow.

    Raises:
        ConfigError: the recipe cannot be used.
        UsageError: an option names something that does not exist.
    """
    changes = list(wanted.changes)
    if wanted.face is not None:
        changes.append(f'intake.face="{wanted.face}"')
    if wanted.still_life:
        changes.append("intake.still_life=true")
    if wanted.upright is not None:
        changes.append(f'intake.upright="{wanted.upright}"')
    recipe = load_recipe(wanted.recipe, changes)
    jobs = jobs or default_jobs(recipe)
    settings = Settings(
        library=wanted.library or paths.library_dir(),
        store=wanted.store or paths.store_dir(),
        jobs=jobs,
        title=title,
    )

    def executor() -> Executor:
        from prerender.core.pool import WorkerPool  # its processes, only if there is work

        return WorkerPool(jobs)

    return Pipeline(recipe, RegisteredEngines(), settings, executor, is_over)


def collect_photos(photos: Sequence[Path] | None, inbox: Path | None) -> tuple[Path, ...]:
    """What to work on, each file once; nothing if the inbox is empty, as it is on most nights.

    Raises:
        PictureError: the inbox cannot be read.
        UsageError: nothing was named.
    """
    found = [*(photos or ()), *(photos_in(inbox) if inbox is not None else ())]
    if not found and inbox is None:
        msg = "name a photo, or a folder of photos with --inbox"
        raise UsageError(msg)
    return tuple({path.absolute(): path for path in found}.values())


def usable_cores() -> int:
    """Cores this process may use."""
    return len(os.sched_getaffinity(0))


def default_jobs(recipe: Recipe) -> int:
    """One worker per core, as far as memory allows on the largest canvas of a recipe.

    Every worker opens the networks it needs for itself.
    """
    memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    upscale = recipe.params[UpscaleStage.name]
    side_px = upscale.max_side_px if isinstance(upscale, UpscaleParams) else 0
    jobs = fitting_jobs(usable_cores(), memory, _SHAPE * side_px**2)
    needs = network_bytes(
        (stage.task, params.engine)
        for stage in STAGES
        if stage.task is not None and isinstance(params := recipe.params[stage.name], EngineParams)
    )
    if Task.ANIMATE in needs:
        return 1  # it keeps all cores, or the whole GPU, busy by itself
    needs.pop(Task.INTERPOLATE, None)  # the built-in animator renders any time itself
    return max(1, min(jobs, int(memory / max(needs.values())))) if needs else jobs


def deadline_of(text: str, now: datetime) -> datetime | None:
    """The next time the clock shows HH:MM; None if no time is given.

    Raises:
        UsageError: it is no time of day.
    """
    if not text:
        return None
    try:
        at = datetime.strptime(text, "%H:%M").time()  # noqa: DTZ007 (a time of day has no zone)
    except ValueError as error:
        msg = f"--until {text}: write a time of day as HH:MM, for example 06:30"
        raise UsageError(msg) from error
    until = now.replace(hour=at.hour, minute=at.minute, second=0, microsecond=0)
    return until if until > now else until + timedelta(days=1)
