"""What a run did: one record per portrait, for people and for machines."""

from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any

from frame_app.base.errors import LibraryError, PortraitError, StorageError

REPORT_SCHEMA = 1
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

    def as_json(self) -> dict[str, Any]:
        """Plain values."""
        error = self.error
        return {
            "photo": str(self.photo),
            "status": self.status.value,
            "id": self.id or None,
            "folder": self.folder or None,
            "seconds": round(self.seconds, 3),
            "warnings": list(self.warnings),
            "error": None
            if error is None
            else {
                "kind": type(error).__name__,
                "message": str(error),
                "exit_code": error.exit_code,
            },
            "stages": [
                {
                    "label": stage.label,
                    "cached": stage.is_cached,
                    "seconds": stage.seconds,
                    "scores": stage.scores,
                }
                for stage in self.stages
            ],
        }


@dataclass(slots=True)
class RunReport:
    """Filled by a run, in the order in which portraits come out."""

    library: Path
    recipe: str
    portraits: list[PortraitEntry] = field(default_factory=list)

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

    def as_json(self) -> dict[str, Any]:
        """Plain values; what `--json` prints."""
        return {
            "schema": REPORT_SCHEMA,
            "library": str(self.library),
            "recipe": self.recipe,
            "exit_code": self.exit_code,
            "portraits": [entry.as_json() for entry in self.portraits],
        }
