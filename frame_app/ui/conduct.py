"""What the portrait does of itself and what it answers: moods, company, rules.

Knows when and why; the controller decides whether an act begins now, waits, or is dropped.
"""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from frame_app.cliplib.schema import Clip
from frame_app.config.behaviours import Behaviour, Happening, Mood
from frame_app.config.live import LiveSettings
from frame_app.show.clock import Clock, WallClock
from frame_app.show.journal import Journal
from frame_app.show.playlist import choose_clips
from frame_app.states.moods import Feeling, Moods
from frame_app.states.quiet import quiet_in_s
from frame_app.states.reactions import Answer, Circumstances, Reactions, Repertoire

_TICK_S = 0.5


@dataclass(frozen=True, slots=True)
class Act:
    """Something to play."""

    rule: str
    clips: tuple[Clip, ...]
    priority: int
    is_asked: bool
    """A gesture asked for it; otherwise it must not interrupt anything."""
    decided_s: float


@dataclass(frozen=True, slots=True)
class World:
    """What a conduct asks."""

    reactions: Reactions
    settings: LiveSettings
    clock: Clock
    wall: WallClock
    journal: Journal
    rng: random.Random
    repertoire: Callable[[], tuple[str, Sequence[Clip]]]
    """Id of the portrait in front, and the clips it can answer with."""


class Conduct:
    """Asks the rules, remembers mood and company; UI thread."""

    def __init__(
        self, world: World, act: Callable[[Act], str], turn: Callable[[int], object]
    ) -> None:
        """See the class.

        Args:
            world: What it asks.
            act: Plays something; says why not, or nothing.
            turn: Goes to the next or the previous portrait.
        """
        self._world = world
        self._act = act
        self._turn = turn
        self._moods = Moods()
        self._viewers = 0
        self._since_s = world.clock.now_s()
        self._has_had_company = False
        self._tick_s = self._since_s
        self._away_until_s = 0.0
        self._last_clip = ""

    def happened(self, event: str) -> None:
        """A gesture was made, or something else that rules may answer happened."""
        about = self._about()
        self._answer(event, self._world.reactions.answer(event, about))
        if event not in set(Happening):
            self._away_until_s = 0.0

    def company(self, viewers: int) -> None:
        """So many people are there now."""
        before, now_s = self._viewers, self._world.clock.now_s()
        if (before > 0) == (viewers > 0):
            self._viewers = viewers
            return
        away_s = now_s - self._since_s if self._has_had_company else float("inf")
        self._viewers = viewers
        if viewers:
            self._away_until_s = 0.0
            about = self._about(here_s=away_s)
            self._answer(
                Happening.VIEWER_CAME,
                self._world.reactions.answer(Happening.VIEWER_CAME, about),
            )
            self._has_had_company = True
        else:
            self.happened(Happening.VIEWER_LEFT)
        self._since_s = now_s

    def tick(self, now_s: float) -> None:
        """Time passes."""
        if now_s - self._tick_s < _TICK_S:
            return
        self._tick_s = now_s
        answer = self._world.reactions.tick(self._about())
        if answer is not None and answer.rule is not None:
            self._answer(answer.rule.event, answer)

    @property
    def feeling(self) -> Feeling:
        """The mood of now."""
        half_life_s = self._world.reactions.behaviours.manners.mood_half_life_s
        return self._moods.feel(self._world.clock.now_s(), half_life_s)

    @property
    def looks_away(self) -> bool:
        """The portrait does not look at its viewer for a while."""
        return self._world.clock.now_s() < self._away_until_s

    def bring(self, mood: Mood) -> None:
        """Be like this for a while."""
        self._moods.bring(mood, self._world.clock.now_s())
        self._world.journal.write("event", event="mood", name=mood.value)

    def played(self) -> None:
        """Something was played that this did not begin, such as speech."""
        self._world.reactions.played(self._world.clock.now_s())

    def _about(self, here_s: float | None = None) -> Circumstances:
        world = self._world
        now_s, wall = world.clock.now_s(), world.wall.now()
        portrait, clips = world.repertoire()
        return Circumstances(
            now_s=now_s,
            wall=wall,
            viewers=self._viewers,
            here_s=now_s - self._since_s if here_s is None else here_s,
            mood=self.feeling.mood,
            portrait=portrait,
            quiet_in_s=quiet_in_s(world.settings.now.quiet_hours, wall),
            repertoire=Repertoire({c.family for c in clips}, {c.name for c in clips}),
        )

    def _answer(self, event: str, answer: Answer) -> None:
        """Do what a rule says."""
        rule, world = answer.rule, self._world
        clips: tuple[Clip, ...] = ()
        reason = answer.reason
        if rule is not None:
            _, usable = world.repertoire()
            clips = choose_clips(usable, rule.play, self._last_clip, world.rng)
        if rule is not None and clips:
            now_s = world.clock.now_s()
            is_asked = not rule.is_happening
            reason = self._act(Act(rule.name, clips, rule.priority, is_asked, now_s))
            if not reason:
                self._last_clip = clips[-1].name
                world.reactions.played(now_s)
        if rule is not None and not reason:
            self._change(rule)
        self._note(event, rule, clips if not reason else (), reason)

    def _change(self, rule: Behaviour) -> None:
        """What a rule does beside playing."""
        if rule.mood is not None:
            self.bring(rule.mood)
        if rule.look_away_s:
            self._away_until_s = self._world.clock.now_s() + rule.look_away_s
        if rule.turn:
            self._turn(1 if rule.turn == "next" else -1)

    def _note(
        self, event: str, rule: Behaviour | None, clips: tuple[Clip, ...], reason: str
    ) -> None:
        """Gestures are noted even if nothing came of them: somebody will ask why."""
        is_gesture = event not in set(Happening)
        if not is_gesture and rule is None:
            return
        self._world.journal.write(
            "event",
            event="gesture" if is_gesture else event,
            name=event,
            rule=rule.name if rule else None,
            clip=clips[0].name if clips else None,
            clips=" ".join(clip.name for clip in clips),
            reason=reason,
        )
