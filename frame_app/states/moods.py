"""What the portrait is like for a while."""

from typing import NamedTuple

from frame_app.config.behaviours import Mood

_FAINT = 0.15  # a mood weaker than this is calm again


class Feeling(NamedTuple):
    """A mood and how much of it is left."""

    mood: Mood
    strength: float
    """1 when it came, halved with every half-life; calm has none."""


class Moods:
    """The mood of now. A new one replaces the old; every mood decays to calm."""

    def __init__(self) -> None:
        self._mood = Mood.CALM
        self._since_s = 0.0

    def bring(self, mood: Mood, now_s: float) -> None:
        """From now on it is this mood, at full strength."""
        self._mood, self._since_s = mood, now_s

    def feel(self, now_s: float, half_life_s: float) -> Feeling:
        """The mood at a time that does not go back."""
        if self._mood is not Mood.CALM:
            strength = 0.5 ** (max(0.0, now_s - self._since_s) / half_life_s)
            if strength >= _FAINT:
                return Feeling(self._mood, strength)
            self._mood = Mood.CALM
        return Feeling(Mood.CALM, 0.0)
