"""Behaviours: which event the portrait answers, under which conditions, and with which clips."""

import tomllib
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Literal, NamedTuple, Self

from pydantic import AfterValidator, Field, ValidationError, model_validator

from frame_app.base.errors import ConfigError
from frame_app.cliplib.schema import Family, Slug
from frame_app.config.model import Settings, Share, TimeOfDay
from frame_app.config.places import line_of


class Mood(StrEnum):
    """What the portrait is like for a while; every mood decays to calm."""

    CALM = "calm"
    BRIGHT = "bright"
    DREAMY = "dreamy"


class Happening(StrEnum):
    """Events that are no gestures."""

    VIEWER_CAME = "viewer_came"
    """Somebody came after nobody was there, for `after_s` or longer."""
    VIEWER_LEFT = "viewer_left"
    VIEWER_STAYED = "viewer_stayed"
    """Somebody has been there for `after_s`; tried again after each cooldown."""
    ALONE = "alone"
    """Nobody has been there for `after_s`; tried again after each cooldown."""
    TIME = "time"
    """The wall clock reached `at`; once a day."""
    PORTRAIT_SHOWN = "portrait_shown"
    """Another portrait hangs in the frame."""
    QUIET_HOURS_NEAR = "quiet_hours_near"
    """Quiet hours begin within `after_s`; tried again after each cooldown."""


Gesture = Literal[
    "smile", "laugh", "nod", "shake", "wink", "surprise", "wave", "look_around", "closed_fist",
    "open_palm", "pointing_up", "thumb_down", "thumb_up", "victory", "i_love_you",
]  # fmt: skip
"""What a viewer can do; a key may stand for each. A swipe is none: it turns to another portrait."""


class Choice(NamedTuple):
    """One way to play a step."""

    family: Family | None
    clip: str
    """Name of a clip, where there is no family."""


def choices(step: str) -> tuple[Choice, ...]:
    """What a step of `play` offers, best first: families, or single clips as `clip:NAME`.

    Raises:
        ValueError: it names something else.
    """
    return tuple(_choice(word.strip()) for word in step.split("|"))


def _choice(word: str) -> Choice:
    if word.startswith("clip:") and len(word) > len("clip:"):
        return Choice(None, word.removeprefix("clip:").strip())
    if word in set(Family):
        return Choice(Family(word), "")
    msg = f"{word!r} is no family ({', '.join(Family)}) and no clip (clip:NAME)"
    raise ValueError(msg)


def _checked(step: str) -> str:
    choices(step)
    return step


Step = Annotated[str, AfterValidator(_checked)]


class Behaviour(Settings):
    """One `[[behaviour]]`: the first of the file that fits the event and may act is taken."""

    name: Slug
    """What the panel and the journal call it; no two are the same."""

    title: str = Field(default="", max_length=80)
    """A few words for the panel."""

    event: Happening | Gesture
    """What happened."""

    on: bool = True
    """Off lets it rest."""

    after_s: float = Field(default=0.0, ge=0.0, le=86400.0)
    """Seconds that belong to the event; see `Happening`."""

    at: TimeOfDay | Literal[""] = ""
    """Time of day of the event `time`."""

    when: tuple[Literal["idle", "attentive"], ...] = Field(
        default=("idle", "attentive"), min_length=1
    )
    """While nobody is there, while somebody is, or both."""

    moods: tuple[Mood, ...] = ()
    """Moods in which it acts; none means all."""

    between: tuple[TimeOfDay, TimeOfDay] | None = None
    """Times of day between which it acts, over midnight too."""

    portraits: tuple[Slug, ...] = ()
    """Portraits that do it, by id; none means all."""

    min_viewers: int = Field(default=0, ge=0, le=50)
    """People who must be there."""

    play: tuple[Step, ...] = ()
    """Clips one after the other; what a portrait has no clip for is left out."""

    turn: Literal["", "next", "previous"] = ""
    """Portrait to go to."""

    mood: Mood | None = None
    """Mood that it brings."""

    look_away_s: float = Field(default=0.0, ge=0.0, le=600.0)
    """Seconds in which the portrait then does not look at the viewer."""

    probability: Share = 1.0
    """How often it acts."""

    cooldown_s: float = Field(default=2.0, ge=0.0, le=86400.0)
    """Seconds after its last action, or after dice that fell badly, in which it does not act."""

    priority: int = Field(default=5, ge=0, le=9)
    """From 7 on it interrupts what the portrait says; a lower one than what plays waits."""

    key: str = Field(default="", max_length=1, pattern=r"^[a-y0-9]?$")
    """Key that stands for a gesture."""

    @model_validator(mode="after")
    def _makes_sense(self) -> Self:
        if (self.event == Happening.TIME) != bool(self.at):
            msg = "the event time needs `at`, and no other event has it"
            raise ValueError(msg)
        if not (self.play or self.turn or self.mood or self.look_away_s):
            msg = "it does nothing: give it play, turn, mood or look_away_s"
            raise ValueError(msg)
        if self.key and self.is_happening:
            msg = "a key can stand for a gesture only"
            raise ValueError(msg)
        return self

    @property
    def is_happening(self) -> bool:
        """The event is no gesture: nobody asked for an answer."""
        return isinstance(self.event, Happening)


class Manners(Settings):
    """[manners]: what keeps the portrait polite."""

    pause_s: float = Field(default=8.0, ge=0.0, le=600.0)
    """Seconds after any clip in which it does nothing that nobody asked for."""

    mood_half_life_s: float = Field(default=240.0, ge=1.0, le=86400.0)
    """Time in which a mood loses half its strength."""


class Behaviours(Settings):
    """All of `behaviours.toml`, in order."""

    manners: Manners = Manners()
    """Politeness."""

    behaviour: tuple[Behaviour, ...] = ()
    """The rules."""


def load_behaviours(path: Path) -> Behaviours:
    """Read and check a behaviours file.

    Raises:
        ConfigError: it cannot be read, or names something that does not exist; file, line, rule
            and key are in the message.
    """
    try:
        text = path.read_text(encoding="utf-8")
        raw = tomllib.loads(text)
    except OSError as error:
        raise ConfigError(path, f"cannot be read ({error.strerror})") from error
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigError(path, f"is not TOML: {error}") from error
    try:
        found = Behaviours.model_validate(raw)
    except ValidationError as error:
        raise ConfigError(path, _fault(text, error)) from error
    _refuse_doubles(path, text, found)
    return found


def _fault(text: str, error: ValidationError) -> str:
    """The fault that stands highest in the file."""
    faults = error.errors(include_url=False)
    first = min(faults, key=lambda fault: line_of(text, fault["loc"]))
    # The place of an alternative of a union names the type tried too: `event`, `Happening`.
    words = [str(part + 1) if isinstance(part, int) else part for part in first["loc"][:4]]
    if words[2:3] == ["event"]:
        known = ", ".join((*Happening, *_gestures()))
        return f"line {line_of(text, first['loc'])}: {' '.join(words[:3])}: it is one of {known}"
    return f"line {line_of(text, first['loc'])}: {' '.join(words)}: {first['msg']}"


def _gestures() -> tuple[str, ...]:
    return Gesture.__args__  # type: ignore[attr-defined,no-any-return] # the words of a Literal


def _refuse_doubles(path: Path, text: str, behaviours: Behaviours) -> None:
    taken: dict[str, str] = {}
    names: set[str] = set()
    for number, rule in enumerate(behaviours.behaviour):
        problem = ""
        if rule.key and taken.setdefault(rule.key, rule.event) != rule.event:
            problem = f"key: {rule.key} already stands for {taken[rule.key]}"
        if rule.name in names:
            problem = f"name: {rule.name} is taken by another rule"
        names.add(rule.name)
        if problem:
            line = line_of(text, ("behaviour", number, problem.split(":", 1)[0]))
            raise ConfigError(path, f"line {line}: behaviour {number + 1} {problem}")
