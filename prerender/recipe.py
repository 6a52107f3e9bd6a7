"""Recipes: TOML files that name clips, stages, engines and parameters."""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from frame_app.base.errors import ConfigError, UsageError
from frame_app.base.paths import config_dir, shipped
from frame_app.cliplib.schema import Slug
from prerender.core.plan import Blueprint
from prerender.core.stage import GAZE_SHEET, VISEME_SHEET, StageParams
from prerender.stages import STAGES

DEFAULT = "fast"

_Clips = Annotated[tuple[Slug, ...], Field(min_length=1, max_length=64)]


class _File(BaseModel):
    """The top level of a recipe file."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    description: str = ""
    clips: _Clips
    gaze: bool = True
    visemes: bool = False
    stage: dict[str, dict[str, Any]] = {}


@dataclass(frozen=True, slots=True)
class Recipe:
    """How portraits are made."""

    name: str
    description: str
    clips: tuple[str, ...]
    has_gaze: bool
    """Whether the gaze sheet is made too."""
    has_visemes: bool
    """Whether the viseme sheet is made too."""
    params: Mapping[str, StageParams]
    """By stage name, complete."""

    def blueprint(self) -> Blueprint:
        """What the planner works with."""
        wanted = {GAZE_SHEET: self.has_gaze, VISEME_SHEET: self.has_visemes}
        sheets = tuple(sheet for sheet, is_wanted in wanted.items() if is_wanted)
        steps = tuple((stage, self.params[stage.name]) for stage in STAGES)
        return Blueprint(steps, (*self.clips, *sheets))


def load_recipe(name: str, changes: Sequence[str] = ()) -> Recipe:
    """Read a recipe by name, or from a file, and apply `key=value` changes to it.

    A name is looked for among the user's own recipes first, then among the shipped ones.

    Raises:
        ConfigError: the file cannot be used; the sentence names the key.
        UsageError: there is no such recipe, or a change names no key of it.
    """
    path = find_recipe(name)
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigError(path, f"is not a readable TOML file ({error})") from error
    for change in changes:
        _apply(table, change)
    try:
        file = _File.model_validate(table)
        params = _params(file.stage)
    except ValidationError as error:
        raise ConfigError(path, _sentence(error)) from error
    if len(set(file.clips)) != len(file.clips) or {GAZE_SHEET, VISEME_SHEET} & set(file.clips):
        raise ConfigError(
            path, "clips: each is named once; sheets are asked for by gaze and visemes"
        )
    return Recipe(path.stem, file.description, file.clips, file.gaze, file.visemes, params)


def find_recipe(name: str) -> Path:
    """The file of a recipe; raises `UsageError` with the names there are."""
    if name.endswith(".toml") or "/" in name:
        return Path(name)
    folders = (config_dir() / "recipes", shipped("config", "recipes"))
    for folder in folders:
        if (path := folder / f"{name}.toml").is_file():
            return path
    known = sorted({path.stem for folder in folders for path in folder.glob("*.toml")})
    msg = f"there is no recipe {name}; known are: {', '.join(known)}"
    raise UsageError(msg)


def _params(tables: Mapping[str, Mapping[str, Any]]) -> dict[str, StageParams]:
    params: dict[str, StageParams] = {}
    known = [stage.name for stage in STAGES]
    for name in tables:
        if name not in known:
            msg = f"there is no stage {name}; known are: {', '.join(known)}"
            raise UsageError(msg)
    for stage in STAGES:
        try:
            params[stage.name] = stage.params_type.model_validate(tables.get(stage.name, {}))
        except ValidationError as error:
            msg = f"[stage.{stage.name}] {_sentence(error)}"
            raise UsageError(msg) from error
    return params


def _apply(table: dict[str, Any], change: str) -> None:
    """Set one field: `stage.key=value`, or `clips=...`, `gaze=...` and `visemes=...` at the top."""
    key, equals, text = change.partition("=")
    *path, field = key.strip().split(".")
    if not equals or not field or len(path) > 2 or (len(path) == 2 and path[0] != "stage"):
        msg = f"--set {change}: write stage.key=value, for example depth.gamma=1.2"
        raise UsageError(msg)
    if not path:
        if field not in _File.model_fields or field in {"stage", "description"}:
            msg = (
                f"--set {change}: a recipe has no field {field}; clips, gaze, visemes or stage.key"
            )
            raise UsageError(msg)
        table[field] = _value(field, text)
        return
    table.setdefault("stage", {}).setdefault(path[-1], {})[field] = _value(field, text)


def _value(field: str, text: str) -> object:
    """The value as TOML would read it; a bare word is a string, a bare list has commas."""
    if field == "clips" and not text.lstrip().startswith("["):
        return [word.strip() for word in text.split(",") if word.strip()]
    try:
        value: object = tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        return text
    return value


def _sentence(error: ValidationError) -> str:
    first = error.errors(include_url=False)[0]
    where = ".".join(str(part) for part in first["loc"])
    message = "unknown key" if first["type"] == "extra_forbidden" else first["msg"]
    return f"{where}: {message}" if where else message
