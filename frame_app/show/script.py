"""Scripts: what happens to the frame at which time, as JSON lines, for tests and demonstrations."""

from collections import deque
from pathlib import Path
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from frame_app.base.errors import ConfigError

_NAMED = {"gesture", "grab", "key"}


class ScriptEvent(BaseModel):
    """One line."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    at: float = Field(ge=0.0)
    """Seconds after the first picture of a portrait was shown."""
    event: Literal[
        "gesture", "viewer_seen", "viewer_left", "viewer_moved", "grab", "key", "next", "previous",
        "quiet_hours_began", "quiet_hours_ended", "quit",
    ]  # fmt: skip
    name: str = Field(default="", pattern=r"^[A-Za-z0-9_?-]*$")
    """Of the gesture, the screenshot or the key."""
    x: float = 0.0
    """Metres, to the right of the middle of the panel."""
    y: float = 0.0
    """Metres, up."""
    z: float = Field(default=1.0, gt=0.0)
    """Metres before the panel."""

    @model_validator(mode="after")
    def _is_named(self) -> Self:
        if self.event in _NAMED and not self.name:
            msg = f"{self.event} needs a name"
            raise ValueError(msg)
        return self


def load_script(path: Path) -> tuple[ScriptEvent, ...]:
    """Read a script, in order of time.

    Raises:
        ConfigError: it cannot be read; the message names the line.
    """
    events: list[ScriptEvent] = []
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(path, f"cannot be read ({error})") from error
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            events.append(ScriptEvent.model_validate_json(line))
        except ValidationError as error:
            fault = error.errors(include_url=False)[0]
            place = ".".join(str(part) for part in fault["loc"])
            raise ConfigError(path, f"line {number}: {place} {fault['msg']}".strip()) from error
    return tuple(sorted(events, key=lambda event: event.at))


class ScriptReader:
    """Hands out the events whose time has come."""

    def __init__(self, events: tuple[ScriptEvent, ...]) -> None:
        self._rest = deque(events)

    def take_due(self, elapsed_s: float) -> tuple[ScriptEvent, ...]:
        """Events up to `elapsed_s` that were not taken yet."""
        due: list[ScriptEvent] = []
        while self._rest and self._rest[0].at <= elapsed_s:
            due.append(self._rest.popleft())
        return tuple(due)
