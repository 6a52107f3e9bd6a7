"""Who stands before the frame: faces over time, and the one of them that the portrait looks at."""

import math
from dataclasses import dataclass

from frame_app.perception.viewer import EyesSeen

_SURE_SIGHTINGS = 2  # one alone may be an ornament
_GONE_S = 1.2  # unseen for so long, a person has left
_UNSURE_S = 0.7
_EXACT_S = 0.4
_NEARER = 1.3  # another one takes over if this much nearer …
_NEARER_S = 1.0  # … for so long
_SAME = 2.2  # eye distances between two sightings of one person


@dataclass(slots=True)
class Person:
    """Somebody who was seen; changed by `People` only."""

    number: int
    eyes: EyesSeen
    seen_s: float
    sightings: int = 1
    exact_s: float = -1e9
    """When the mesh last told where the eyes are, which a detection does only roughly."""
    looked_s: float = 0.0
    """When this person's place was last looked at."""

    @property
    def is_sure(self) -> bool:
        """Seen more than once."""
        return self.sightings >= _SURE_SIGHTINGS


class People:
    """Everybody who is there."""

    def __init__(self) -> None:
        self._people: list[Person] = []
        self._main: Person | None = None
        self._count = 0
        self._rival_s: float | None = None

    @property
    def main(self) -> Person | None:
        """Whom the portrait looks at."""
        return self._main

    @property
    def others(self) -> list[Person]:
        """Everybody else, the longest unlooked-at first."""
        rest = [person for person in self._people if person is not self._main]
        return sorted(rest, key=lambda person: person.looked_s)

    @property
    def count(self) -> int:
        """How many are there for sure."""
        return sum(person.is_sure for person in self._people)

    def clear(self) -> None:
        """Nobody is there."""
        self._people.clear()
        self._main = None

    def see(self, eyes: EyesSeen, now_s: float, *, is_exact: bool = False) -> Person:
        """A face was seen here: somebody known, or a new person.

        A rough place does not replace an exact one of just now: the eyes would seem to leap.
        """
        for person in self._people:
            reach = _SAME * max(person.eyes.apart_px, eyes.apart_px)
            near = math.hypot(person.eyes.x_px - eyes.x_px, person.eyes.y_px - eyes.y_px) < reach
            if near:
                if now_s > person.seen_s:
                    person.sightings += 1
                person.seen_s = now_s
                if is_exact or now_s - person.exact_s > _EXACT_S:
                    person.eyes = eyes
                if is_exact:
                    person.exact_s = now_s
                return person
        self._count += 1
        person = Person(self._count, eyes, now_s)
        self._people.append(person)
        return person

    def settle(self, now_s: float) -> None:
        """Let go of who has left, and choose whom to look at."""
        self._people = [
            person
            for person in self._people
            if now_s - person.seen_s <= (_GONE_S if person.is_sure else _UNSURE_S)
        ]
        if self._main not in self._people:
            self._main, self._rival_s = None, None
        sure = [person for person in self._people if person.is_sure]
        if not sure:
            return
        nearest = max(sure, key=lambda person: person.eyes.apart_px)
        if self._main is None:
            self._main = nearest
        is_rival = nearest.eyes.apart_px > _NEARER * self._main.eyes.apart_px
        if nearest is self._main or not is_rival:
            self._rival_s = None
        elif self._rival_s is None:
            self._rival_s = now_s
        elif now_s - self._rival_s >= _NEARER_S:
            self._main, self._rival_s = nearest, None
