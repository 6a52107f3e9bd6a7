"""Which behaviour answers a gesture: cooldowns and dice, no clips and no Qt."""

import random
from collections.abc import Collection
from dataclasses import dataclass

from frame_app.cliplib.schema import Family
from frame_app.config.behaviours import Behaviours
from frame_app.states.vocabulary import FrameState


@dataclass(frozen=True, slots=True)
class Answer:
    """What the portrait does about a gesture."""

    family: Family | None
    """Clips to pick from; None if it does nothing."""
    reason: str
    """Why it does nothing, for the journal; empty otherwise."""


class Reactions:
    """Picks behaviours and remembers when each acted last."""

    def __init__(self, behaviours: Behaviours, rng: random.Random) -> None:
        self._behaviours = behaviours
        self._rng = rng
        self._acted_s: dict[int, float] = {}

    def answer(
        self, gesture: str, state: FrameState, families: Collection[Family], now_s: float
    ) -> Answer:
        """Choose for a gesture made in `state` by a portrait that has clips of `families`."""
        reason = f"no behaviour for {gesture}"
        for number, rule in enumerate(self._behaviours.behaviour):
            if rule.gesture != gesture:
                continue
            family = next((name for name in rule.families if name in families), None)
            acted_s = self._acted_s.get(number)
            if state.value not in rule.when:
                reason = f"not while {state.value}"
            elif family is None:
                reason = "no clip of its families"
            elif acted_s is not None and now_s - acted_s < rule.cooldown_s:
                reason = "too soon after the last one"
            elif self._rng.random() >= rule.probability:
                reason = "not in the mood"
            else:
                self._acted_s[number] = now_s
                return Answer(family, "")
        return Answer(None, reason)

    def key_gestures(self) -> dict[str, str]:
        """The keys that stand for gestures, in the order of the file."""
        return {rule.key: rule.gesture for rule in self._behaviours.behaviour if rule.key}
