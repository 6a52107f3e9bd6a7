"""Settings in three layers: shipped defaults <- the user's frame.toml <- changes in the panel."""

import json
import logging
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from pydantic import ValidationError

from frame_app.base.atomic import storage_errors, write_atomic
from frame_app.base.errors import ConfigError
from frame_app.config.model import FrameSettings, Settings

log = logging.getLogger(__name__)

Scalar: TypeAlias = str | int | float | bool
Tables: TypeAlias = dict[str, dict[str, Scalar]]


@dataclass(frozen=True, slots=True)
class Loaded:
    """Settings that can be used, and what could not."""

    settings: FrameSettings
    problems: tuple[str, ...]
    """One sentence each, naming file and key; the shipped default is in force there."""


class SettingsStore:
    """Reads the layers and keeps the top one. Not thread safe; `change` writes to disk."""

    def __init__(self, user_file: Path, changes_file: Path) -> None:
        self._user_file = user_file
        self._changes_file = changes_file

    def load(self) -> Loaded:
        """Merge the layers; what is wrong is left out and named, never fatal."""
        problems: list[str] = []
        tables: Tables = {}
        for path in (self._user_file, self._changes_file):
            for name, values in _usable(path, _read(path, problems), problems).items():
                tables.setdefault(name, {}).update(values)
        return Loaded(FrameSettings.model_validate(tables), tuple(problems))

    def change(self, table: str, key: str, value: Scalar) -> Loaded:
        """Keep one change made in the panel.

        Raises:
            ConfigError: there is no such setting, or the value is out of its bounds.
            StorageError: it cannot be written.
        """
        problem = _problem(table, key, value)
        if problem:
            raise ConfigError(self._changes_file, problem)
        tables = _usable(self._changes_file, _read(self._changes_file, []), [])
        tables.setdefault(table, {})[key] = value
        with storage_errors(self._changes_file):
            self._changes_file.parent.mkdir(parents=True, exist_ok=True)
            write_atomic(self._changes_file, _toml(tables).encode())
        return self.load()


def _read(path: Path, problems: list[str]) -> Mapping[str, object]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        problems.append(f"{path}: is not used: {error}")
        return {}


def _usable(path: Path, raw: Mapping[str, object], problems: list[str]) -> Tables:
    """The part of a file that the settings accept; the rest is named in `problems`."""
    tables: Tables = {}
    for name, values in raw.items():
        if not isinstance(values, dict):
            problems.append(f"{path}: {name} stands outside a table and is not used")
            continue
        for key, value in values.items():
            problem = _problem(name, key, value)
            if problem:
                problems.append(f"{path}: {problem}")
            else:
                tables.setdefault(name, {})[key] = value
    return tables


def _problem(table: str, key: str, value: object) -> str:
    """Why the settings refuse this value, or an empty string."""
    field = FrameSettings.model_fields.get(table)
    if field is None or not isinstance(field.default, Settings):
        return f"[{table}] is not a table of the settings and is not used"
    defaults = field.default
    if key not in type(defaults).model_fields:
        return f"{table}.{key} is not a setting and is not used"
    try:
        type(defaults).model_validate({key: value})
    except ValidationError as error:
        reason = error.errors(include_url=False)[0]["msg"]
        shipped = getattr(defaults, key)
        return f"{table}.{key} = {value!r} is not used: {reason}; the default {shipped} is"
    return ""


def _toml(tables: Tables) -> str:
    """Scalars only: a JSON string, number or boolean is the same in TOML."""
    lines = ["# Changes made in the settings panel; they win over frame.toml."]
    for name, values in sorted(tables.items()):
        lines += ["", f"[{name}]"]
        lines += [f"{key} = {json.dumps(value)}" for key, value in sorted(values.items())]
    return "\n".join(lines) + "\n"
