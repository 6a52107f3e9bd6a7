"""What a run did: one record per portrait, for people and for machines."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from pathlib import Path

from frame_app.base.errors import LibraryError, PortraitError, StorageError
from frame_app.cliplib.schema import EngineUse
from prerender.core.document import ClipVerdict, Document, PortraitRecord, Problem, Step

_OK, _FAILED = 0, 1


class Status(StrEnum):
    """How a portrait came out of a run."""

    MADE = "made"
    UNCHANGED = "unchanged"
    FAILED = "failed"
    STOPPED = "stopped"
    """The deadline came first; the next run goes on."""


@dataclass(frozen=True, slots=True)
class StageEntry:
    """One node of a portrait."""

    label: str
    is_cached: bool
    seconds: float
    scores: dict[str, float]


@dataclass(frozen=True, slots=True)
class PortraitEntry:
    """One portrait of a run."""

    photo: Path
    status: Status
    id: str = ""
    folder: str = ""
    seconds: float = 0.0
    stages: tuple[StageEntry, ...] = ()
    warnings: tuple[str, ...] = ()
    error: PortraitError | None = None

    clips: tuple[ClipVerdict, ...] = ()
    engines: tuple[EngineUse, ...] = ()
    title: str = ""
    before: Path | None = None
    """The picture as it came in, upright and cut out, in the store."""

    @property
    def left_out(self) -> tuple[ClipVerdict, ...]:
        """The clips that did not pass."""
        return tuple(clip for clip in self.clips if not clip.published)

    def record(self) -> PortraitRecord:
        """Plain values."""
        error = self.error
        return PortraitRecord(
            photo=str(self.photo),
            status=self.status.value,
            id=self.id or None,
            title=self.title or None,
            folder=self.folder or None,
            seconds=round(self.seconds, 3),
            warnings=self.warnings,
            error=Problem(kind=type(error).__name__, message=str(error), exit_code=error.exit_code)
            if error is not None
            else None,
            stages=tuple(
                Step(
                    label=stage.label,
                    cached=stage.is_cached,
                    seconds=stage.seconds,
                    scores=stage.scores,
                )
                for stage in self.stages
            ),
            clips=self.clips,
            engines=self.engines,
        )


@dataclass(slots=True)
class RunReport:
    """Filled by a run, in the order in which portraits come out."""

    library: Path
    recipe: str
    portraits: list[PortraitEntry] = field(default_factory=list)
    generator: str = ""
    started: datetime = field(default_factory=lambda: datetime.now().astimezone())
    seconds: float = 0.0
    fatal: PortraitError | None = None
    """What made the rest of the run pointless."""

    @property
    def failures(self) -> list[PortraitEntry]:
        """The portraits that could not be made."""
        return [entry for entry in self.portraits if entry.error is not None]

    @property
    def exit_code(self) -> int:
        """0 if nothing failed; the error's own code if all that was tried failed alike; else 1.

        A disk or a library that cannot be used gives its own code whatever else succeeded.
        """
        errors = [entry.error for entry in self.failures if entry.error is not None]
        for error in errors:
            if isinstance(error, (StorageError, LibraryError)):
                return error.exit_code
        if not errors:
            return _OK
        codes = {error.exit_code for error in errors}
        return codes.pop() if len(codes) == 1 and len(errors) == len(self.portraits) else _FAILED

    @property
    def is_news(self) -> bool:
        """Whether anything happened that is worth a report."""
        return self.fatal is not None or any(
            entry.status is not Status.UNCHANGED for entry in self.portraits
        )

    def count(self, status: Status) -> int:
        """How many portraits came out like this."""
        return sum(entry.status is status for entry in self.portraits)

    def document(self) -> Document:
        """Plain values; what `--json` prints and report.json holds."""
        return Document(
            generator=self.generator,
            started=self.started.isoformat(timespec="seconds"),
            seconds=round(self.seconds, 3),
            library=str(self.library),
            recipe=self.recipe,
            exit_code=self.fatal.exit_code if self.fatal else self.exit_code,
            error=str(self.fatal) if self.fatal else None,
            portraits=tuple(entry.record() for entry in self.portraits),
        )
