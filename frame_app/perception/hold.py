"""From scores to gestures: hysteresis, hold time, cooldown; pure but for its own memory.

What fires is meant for the frame. People who talk show open hands, fists and pointing fingers in
passing and all the time, so these must be held longer; nobody shows a thumb or a victory sign in
passing, so those are answered at once. Holds were tuned against `tests/fakes/people.py`.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from frame_app.perception.messages import Gesture

_HOLDS_S = {
    Gesture.CLOSED_FIST: 0.45,
    Gesture.OPEN_PALM: 0.40,
    Gesture.POINTING_UP: 0.35,
    Gesture.THUMB_DOWN: 0.06,
    Gesture.THUMB_UP: 0.06,
    Gesture.VICTORY: 0.15,
    Gesture.I_LOVE_YOU: 0.15,
    Gesture.SMILE: 0.25,
}
_ON = 0.6  # score from which a gesture is begun
_OFF = 0.35  # score below which it is over
_RELEASE_S = 0.3  # how long it must be over before it counts as made again
_COOLDOWN_S = 1.5
_HASTE_S = 0.5  # a gesture that is not complete by then is none
_GAP_S = 0.2  # a look that fails in between does not end a hold


@dataclass(slots=True)
class _Held:
    """One gesture of one person; changed by `Holds` only."""

    since_s: float | None = None
    good_s: float = 0.0
    made_s: float = -1e9
    over_s: float | None = None
    is_made: bool = False


class Holds:
    """Which gestures were held long enough."""

    def __init__(self, hold_factor: float = 1.0) -> None:
        self._factor = hold_factor
        self._held = {gesture: _Held() for gesture in _HOLDS_S}
        self._is_expecting = False

    @property
    def is_expecting(self) -> bool:
        """Whether a gesture was begun just now and not yet made: the next look should come soon."""
        return self._is_expecting

    def take(self, scores: Mapping[Gesture, float], now_s: float) -> list[Gesture]:
        """The gestures that these scores complete."""
        made = [
            gesture
            for gesture in self._held
            if self._advance(gesture, scores.get(gesture, 0.0), now_s)
        ]
        self._is_expecting = any(
            held.since_s is not None
            and not held.is_made
            and now_s - held.since_s < _HASTE_S
            and now_s - held.made_s >= _COOLDOWN_S
            for held in self._held.values()
        )
        return made

    def _advance(self, gesture: Gesture, score: float, now_s: float) -> bool:
        held = self._held[gesture]
        if score < _OFF:
            held.over_s = now_s if held.over_s is None else held.over_s
            if now_s - held.good_s > _GAP_S:
                held.since_s = None
            if now_s - held.over_s >= _RELEASE_S:
                held.is_made = False
            return False
        held.over_s = None
        if score < _ON and held.since_s is None:
            return False
        held.good_s = now_s
        held.since_s = now_s if held.since_s is None else held.since_s
        is_long = now_s - held.since_s >= _HOLDS_S[gesture] * self._factor - 1e-6
        is_rested = now_s - held.made_s >= _COOLDOWN_S
        if held.is_made or not is_long or not is_rested:
            return False
        held.is_made, held.made_s = True, now_s
        return True
