"""Every error of the project that a caller may catch.

Exit codes of both programs: 0 done, 1 something failed, 2 wrong use of the command line, 3 weights
missing or wrong, 4 unreadable input, 5 the library cannot be read, 6 the disk is full or read-only,
130 interrupted.
"""

from pathlib import Path


class PortraitError(Exception):
    """Root of all errors a caller may catch; a bug is any other exception."""

    exit_code = 1

    def __reduce__(self) -> tuple[object, ...]:
        """Errors come back from worker processes: rebuilt from their state, not by `__init__`."""
        return _revived, (type(self), self.args, dict(self.__dict__))


def _revived(
    kind: type[PortraitError], args: tuple[object, ...], state: dict[str, object]
) -> PortraitError:
    error = kind.__new__(kind, *args)
    error.__dict__.update(state)
    return error


class UsageError(PortraitError):
    """A command, option or recipe asks for something that does not exist."""

    exit_code = 2


class ConfigError(PortraitError):
    """A settings, behaviour or recipe file cannot be used."""

    exit_code = 2

    def __init__(self, path: Path, problem: str) -> None:
        super().__init__(f"{path}: {problem}")
        self.path = path
        self.problem = problem


class MissingExtraError(PortraitError):
    """A library is wanted that the plain install does not bring."""

    exit_code = 3

    def __init__(self, module: str, extra: str) -> None:
        where = f"pip install 'portrait-frame[{extra}]'" if extra else f"pip install {module}"
        super().__init__(f"the Python package {module} is not installed; run: {where}")
        self.module = module
        self.extra = extra


class BrokenInstallError(PortraitError):
    """A library is installed, but not in a state in which it can be used."""


class WeightsError(PortraitError):
    """A model's weights file is absent or is not the file that was pinned."""

    exit_code = 3

    def __init__(self, path: Path, problem: str, advice: str = "prerender models verify") -> None:
        super().__init__(f"weights {path}: {problem}" + (f"; run: {advice}" if advice else ""))
        self.path = path
        self.problem = problem


class EngineError(PortraitError):
    """An engine cannot be had, or could not do its work; another one may."""

    exit_code = 3

    def __init__(self, task: str, engine: str, problem: str) -> None:
        super().__init__(f"{task} engine {engine}: {problem}")
        self.task = task
        self.engine = engine
        self.problem = problem


class PictureError(PortraitError):
    """A photo cannot be read, is refused, or has nothing to animate."""

    exit_code = 4

    def __init__(self, path: Path, problem: str) -> None:
        super().__init__(f"{path}: {problem}")
        self.path = path
        self.problem = problem


class NoFaceError(PictureError):
    """A photo in which no face was found, or not the one that was asked for."""


class VideoError(PortraitError):
    """A video file cannot be written or read."""

    exit_code = 4

    def __init__(self, path: Path, problem: str) -> None:
        super().__init__(f"{path}: {problem}")
        self.path = path
        self.problem = problem


class LibraryError(PortraitError):
    """The clip library is missing, torn or inconsistent."""

    exit_code = 5

    def __init__(self, path: Path, problem: str) -> None:
        super().__init__(f"library {path}: {problem}")
        self.path = path
        self.problem = problem


class LibraryVersionError(LibraryError):
    """The clip library was written by a newer release."""

    def __init__(self, path: Path, found: int, known: int) -> None:
        super().__init__(
            path, f"has schema {found}, this release reads up to {known}; update portrait-frame"
        )
        self.found = found
        self.known = known


class StorageError(PortraitError):
    """A disk is full, read-only or gone."""

    exit_code = 6

    def __init__(self, path: Path, problem: str) -> None:
        super().__init__(f"{path}: {problem}")
        self.path = path
        self.problem = problem


class StageError(PortraitError):
    """A stage could not do its work on one portrait."""

    def __init__(self, stage: str, problem: str) -> None:
        super().__init__(f"stage {stage}: {problem}")
        self.stage = stage
        self.problem = problem
