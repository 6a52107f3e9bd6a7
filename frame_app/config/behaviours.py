"""Behaviours: which event the portrait answers, in which state, with which clips."""

import tomllib
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, ValidationError

from frame_app.base.errors import ConfigError
from frame_app.cliplib.schema import Family
from frame_app.config.model import Settings, Share

GestureName = Annotated[str, Field(pattern=r"^[a-z]+(_[a-z]+)*$", max_length=40)]


class Behaviour(Settings):
    """One `[[behaviour]]`: the first of the file that fits the event and may act is taken."""

    gesture: GestureName
    """What was seen, or a key stood for: `smile`, `wave`, `nod`, …"""

    when: tuple[Literal["idle", "attentive"], ...] = Field(
        default=("idle", "attentive"), min_length=1
    )
    """States in which it acts."""

    families: tuple[Family, ...] = Field(min_length=1)
    """Clips to answer with; the first family of which the portrait has a clip."""

    probability: Share = 1.0
    """How often it acts; below 1 the portrait has moods."""

    cooldown_s: float = Field(default=2.0, ge=0.0, le=3600.0)
    """Seconds after its last action in which it does not act again."""

    key: str = Field(default="", max_length=1, pattern=r"^[a-z0-9]?$")
    """Key that stands for the gesture until a camera sees it."""


class Behaviours(Settings):
    """All of `behaviours.toml`, in order."""

    behaviour: tuple[Behaviour, ...] = ()
    """The rules."""


def load_behaviours(path: Path) -> Behaviours:
    """Read and check a behaviours file.

    Raises:
        ConfigError: it cannot be read, or names something that does not exist; file, rule and key
            are in the message.
    """
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
        found = Behaviours.model_validate(raw)
    except OSError as error:
        raise ConfigError(path, f"cannot be read ({error.strerror})") from error
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigError(path, f"is not TOML: {error}") from error
    except ValidationError as error:
        raise ConfigError(path, _fault(error)) from error
    _refuse_double_keys(path, found)
    return found


def _fault(error: ValidationError) -> str:
    fault = error.errors(include_url=False)[0]
    where = [str(part + 1) if isinstance(part, int) else part for part in fault["loc"]]
    return f"{' '.join(where)}: {fault['msg']}"


def _refuse_double_keys(path: Path, behaviours: Behaviours) -> None:
    taken: dict[str, str] = {}
    for number, rule in enumerate(behaviours.behaviour, start=1):
        if rule.key and taken.setdefault(rule.key, rule.gesture) != rule.gesture:
            problem = f"behaviour {number} key: {rule.key} already stands for {taken[rule.key]}"
            raise ConfigError(path, problem)
