"""Settings in three layers: shipped defaults <- the user's frame.toml <- changes in the panel."""

import copy
import json
import logging
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Self, TypeAlias

from pydantic import ValidationError

from frame_app.base.errors import ConfigError
from frame_app.config.model import FrameSettings, Settings

log = logging.getLogger(__name__)

Scalar: TypeAlias = str | int | float | bool
Value: TypeAlias = Scalar | list[str] | list[int] | list[float]
Tables: TypeAlias = dict[str, dict[str, Value]]
Keep: TypeAlias = Callable[[Path, bytes], object]
"""Writes a file soon, without making its caller wait; see `base.keeper.Keeper.keep`."""


@dataclass(frozen=True, slots=True)
class Loaded:
    """Settings that can be used, and what could not."""

    settings: FrameSettings
    problems: tuple[str, ...]
    """One sentence each, naming file and key; the shipped default is in force there."""


class SettingsStore:
    """Reads the layers once and keeps the top one. Not thread safe; only `load` touches the disk.

    `keep` writes: the panel's changes come from the UI thread, which must not.
    """

    def __init__(self, user_file: Path, changes_file: Path, keep: Keep) -> None:
        self._user_file = user_file
        self._changes_file = changes_file
        self._keep = keep
        self._beneath: Tables = {}
        self._changes: Tables = {}

    @classmethod
    def of(cls, settings: FrameSettings) -> Self:
        """A store that begins with `settings` and writes nowhere."""
        store = cls(Path(), Path("changes.toml"), lambda _path, _data: None)
        store._beneath = settings.model_dump(mode="json")
        return store

    def load(self) -> Loaded:
        """Merge the layers; what is wrong is left out and named, never fatal."""
        problems: list[str] = []
        self._beneath, self._changes = (
            _usable(path, _read(path, problems), problems)
            for path in (self._user_file, self._changes_file)
        )
        return Loaded(self._merged(), tuple(problems))

    def change(self, table: str, key: str, value: Value) -> FrameSettings:
        """Keep one change made in the panel; returns the settings with it.

        Raises:
            ConfigError: there is no such setting, or the value is out of its bounds.
        """
        problem = _problem(table, key, value)
        if problem:
            raise ConfigError(self._changes_file, problem)
        self._changes.setdefault(table, {})[key] = value
        return self._kept()

    def reset(self, table: str, key: str) -> FrameSettings:
        """Forget a change made in the panel; returns the settings without it."""
        self._changes.get(table, {}).pop(key, None)
        return self._kept()

    def replace(self, tables: Mapping[str, object]) -> Loaded:
        """Take over another frame's changes in place of these; what is wrong is left out."""
        problems: list[str] = []
        self._changes = _usable(self._changes_file, tables, problems)
        return Loaded(self._kept(), tuple(problems))

    def _kept(self) -> FrameSettings:
        self._keep(self._changes_file, to_toml(self._changes).encode())
        return self._merged()

    def _merged(self) -> FrameSettings:
        tables = copy.deepcopy(self._beneath)
        for name, values in self._changes.items():
            tables.setdefault(name, {}).update(values)
        return FrameSettings.model_validate(tables)


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


def to_toml(tables: Tables) -> str:
    """Scalars and flat lists: a JSON string, number, boolean or list is the same in TOML."""
    lines = ["# Changes made in the settings panel; they win over frame.toml."]
    for name, values in sorted(tables.items()):
        if values:
            lines += ["", f"[{name}]"]
            lines += [f"{key} = {json.dumps(value)}" for key, value in sorted(values.items())]
    return "\n".join(lines) + "\n"
