"""All settings of a frame in one file: to keep, and to take to another frame."""

import json
import os
from collections.abc import Iterator
from pathlib import Path

from pydantic import Field, ValidationError

from frame_app.base.atomic import storage_errors, write_atomic
from frame_app.base.errors import ConfigError, StorageError
from frame_app.config.arrangement import Hanging
from frame_app.config.model import FrameSettings, Settings
from frame_app.config.store import Tables

FILE = "portrait-frame-settings.json"
_LIMIT_BYTES = 4_000_000
_MOUNTS = ("/run/media", "/media")


class Bundle(Settings):
    """The file. No PIN is in it: whoever finds the stick must not learn it."""

    format: int = Field(default=1, ge=1, le=1)
    settings: dict[str, dict[str, object]] = Field(default={})
    """What differs from the defaults; checked key by key when it is taken over."""

    arrangement: Hanging = Hanging()
    """Order, titles, what is off."""


def differences(settings: FrameSettings) -> Tables:
    """What is not at its default."""
    defaults = FrameSettings().model_dump(mode="json")
    return {
        table: changed
        for table, values in settings.model_dump(mode="json").items()
        if (changed := {key: v for key, v in values.items() if v != defaults[table][key]})
    }


def write(settings: FrameSettings, hanging: Hanging) -> Path:
    """Write the file to a stick if one is plugged in, else to the home folder; returns where.

    Raises:
        StorageError: it can be written nowhere.
    """
    tables: dict[str, dict[str, object]] = {
        table: dict(values) for table, values in differences(settings).items()
    }
    data = Bundle(settings=tables, arrangement=hanging).model_dump_json(indent=1).encode()
    problem: StorageError | None = None
    for folder in places():
        try:
            with storage_errors(folder / FILE):
                write_atomic(folder / FILE, data + b"\n")
        except StorageError as error:
            problem = error
        else:
            return folder / FILE
    raise problem or StorageError(Path.home() / FILE, "cannot be written")


def read() -> tuple[Path, Bundle]:
    """Read the file from a stick, or from the home folder.

    Raises:
        ConfigError: there is none, or it is not such a file.
    """
    for folder in places():
        path = folder / FILE
        if path.is_file():
            return path, parse(path)
    raise ConfigError(Path(FILE), "is on no stick and not in the home folder")


def parse(path: Path) -> Bundle:
    """Read one file.

    Raises:
        ConfigError: it is not a settings file.
    """
    try:
        if path.stat().st_size > _LIMIT_BYTES:
            raise ConfigError(path, "is too large for a settings file")
        return Bundle.model_validate(json.loads(path.read_bytes()))
    except (OSError, ValueError, ValidationError) as error:
        raise ConfigError(path, "is not a settings file of a portrait frame") from error


def places() -> Iterator[Path]:
    """Sticks that can be written, then the home folder."""
    for mounts in _MOUNTS:
        for folder in sorted(Path(mounts).glob("*/*")) + sorted(Path(mounts).glob("*")):
            if folder.is_mount() and os.access(folder, os.W_OK):
                yield folder
    yield Path.home()
