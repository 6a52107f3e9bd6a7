"""Which behaviour answers what happened: conditions, cooldowns and dice, no clips and no Qt."""

import random
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from frame_app.cliplib.schema import Family
from frame_app.config.behaviours import Behaviour, Behaviours, Happening, Mood, choices

_TICK_LIMIT = timedelta(minutes=5)  # a wall clock that moves further between two ticks was set
_SPANS = (Happening.VIEWER_STAYED, Happening.ALONE, Happening.QUIET_HOURS_NEAR)


@dataclass(frozen=True, slots=True)
class Repertoire:
    """What the portrait can play."""

    families: Collection[Family] = ()
    clips: Collection[str] = ()
    """By name."""

    def can(self, step: str) -> bool:
        """Whether it has a clip for a step of `play`."""
        return any(
            choice.clip in self.clips if choice.family is None else choice.family in self.families
            for choice in choices(step)
        )


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What the rules may ask about the moment."""

    now_s: float
    """Monotonic."""
    wall: datetime
    """Local time without a zone; may jump."""
    viewers: int = 0
    here_s: float = 0.0
    """How long somebody has been there, or nobody; before an arrival, how long nobody was."""
    mood: Mood = Mood.CALM
    portrait: str = ""
    quiet_in_s: float | None = None
    """Until quiet hours begin; None in them, or if none are near."""
    repertoire: Repertoire = Repertoire()


@dataclass(frozen=True, slots=True)
class Answer:
    """What the portrait does about an event."""

    rule: Behaviour | None
    """None if it does nothing."""
    reason: str
    """Why it does nothing, for the journal; empty otherwise."""


class Reactions:
    """Picks behaviours and remembers when each acted last; UI thread."""

    def __init__(self, behaviours: Behaviours, rng: random.Random) -> None:
        self._behaviours = behaviours
        self._rng = rng
        self._tried_s: dict[str, float] = {}
        self._days: dict[str, date] = {}
        self._wall: datetime | None = None
        self._played_s: float | None = None

    @property
    def behaviours(self) -> Behaviours:
        """The rules in force."""
        return self._behaviours

    def adopt(self, behaviours: Behaviours) -> None:
        """Other rules from now on; cooldowns of rules that keep their name go on."""
        self._behaviours = behaviours

    def answer(self, event: str, about: Circumstances) -> Answer:
        """Choose the rule for an event that has just happened."""
        rules = [rule for rule in self._behaviours.behaviour if rule.event == event]
        return self._first(rules, about) or Answer(None, f"no behaviour for {event}")

    def tick(self, about: Circumstances) -> Answer | None:
        """Choose a rule for what goes on: staying, being alone, the time. Once a second or so."""
        answer = self._first(self._due(about), about)
        self._wall = about.wall
        return answer if answer is not None and answer.rule is not None else None

    def played(self, now_s: float) -> None:
        """A clip was begun: the pause between unasked ones runs anew."""
        self._played_s = now_s

    def key_gestures(self) -> dict[str, str]:
        """The keys that stand for gestures, in the order of the file."""
        return {
            rule.key: rule.event
            for rule in self._behaviours.behaviour
            if rule.key and not isinstance(rule.event, Happening)
        }

    def _due(self, about: Circumstances) -> Iterator[Behaviour]:
        """Rules whose span is long enough, or whose time of day has come."""
        for rule in self._behaviours.behaviour:
            if rule.event in _SPANS:
                if _is_reached(rule, about):
                    yield rule
            elif rule.event == Happening.TIME and self._has_struck(rule, about.wall):
                yield rule

    def _has_struck(self, rule: Behaviour, wall: datetime) -> bool:
        """Whether the clock passed the rule's time since the last tick, and not by being set."""
        before = self._wall
        if before is None or not before < wall <= before + _TICK_LIMIT:
            return False
        moment = datetime.combine(wall.date(), time.fromisoformat(rule.at))
        is_new = self._days.get(rule.name) != wall.date()
        return is_new and before < moment <= wall

    def _first(self, rules: Iterable[Behaviour], about: Circumstances) -> Answer | None:
        """The first rule that may act; else why the last one may not; None without rules."""
        refused: Answer | None = None
        for rule in rules:
            reason = self._objection(rule, about)
            if not reason:
                self._tried_s[rule.name] = about.now_s
                if rule.event == Happening.TIME:
                    self._days[rule.name] = about.wall.date()
                if self._rng.random() < rule.probability:
                    return Answer(rule, "")
                reason = "the dice said no"
            refused = Answer(None, reason)
        return refused

    def _objection(self, rule: Behaviour, about: Circumstances) -> str:
        """Why a rule may not act now, or an empty string."""
        tried_s = self._tried_s.get(rule.name)
        presence = "attentive" if about.viewers else "idle"
        checks = (
            (not rule.on, "switched off"),
            (presence not in rule.when, f"not while {presence}"),
            (about.viewers < rule.min_viewers, "too few viewers"),
            (rule.event == Happening.VIEWER_CAME and about.here_s < rule.after_s, "seen recently"),
            (bool(rule.moods) and about.mood not in rule.moods, f"not while {about.mood}"),
            (bool(rule.portraits) and about.portrait not in rule.portraits, "another portrait's"),
            (rule.between is not None and not _is_between(rule, about.wall), "not at this time"),
            (bool(rule.play) and not _can_play(rule, about), "no clip for it"),
            (
                tried_s is not None and about.now_s - tried_s < rule.cooldown_s,
                "too soon after the last one",
            ),
            (rule.is_happening and bool(rule.play) and self._is_pausing(about), "after a pause"),
        )
        return next((reason for applies, reason in checks if applies), "")

    def _is_pausing(self, about: Circumstances) -> bool:
        pause_s = self._behaviours.manners.pause_s
        return self._played_s is not None and about.now_s - self._played_s < pause_s


def _is_reached(rule: Behaviour, about: Circumstances) -> bool:
    if rule.event == Happening.QUIET_HOURS_NEAR:
        return about.quiet_in_s is not None and about.quiet_in_s <= rule.after_s
    is_there = rule.event == Happening.VIEWER_STAYED
    return is_there == (about.viewers > 0) and about.here_s >= rule.after_s


def _is_between(rule: Behaviour, wall: datetime) -> bool:
    if rule.between is None:
        return True
    begins, ends = (time.fromisoformat(text) for text in rule.between)
    at = wall.time()
    return begins <= at < ends if begins <= ends else at >= begins or at < ends


def _can_play(rule: Behaviour, about: Circumstances) -> bool:
    return any(about.repertoire.can(step) for step in rule.play)
