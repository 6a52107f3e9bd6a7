"""The quality gate: what a finished clip must be, and what becomes of one that is not.

Every score has a limit, past which the clip is not shown, and a goal, the figure of the design.
What lies between is shown, and the report says so. Limits without a source in the design lie
between what the judge reads from good clips of five portraits and the noise that it reads from
clips that do not show the expression at all; `make bench` prints both again.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from frame_app.cliplib.schema import Family
from prerender.core.stage import VISEME_SHEET

_GRINS = 0.5  # mouthSmile of a still that smiles already: there is little to add
_DESIGN = "design, section 11"
_READ = "read back from five portraits"
_MADE = "between 70 good clips and the same ones spoiled by half a pixel or two grey levels"


class Level(StrEnum):
    """How a score stands to its limit and its goal."""

    GOOD = "good"
    FAIR = "fair"
    """Shown, but short of the goal."""
    POOR = "poor"
    """Past its limit: the clip is not shown like this."""


@dataclass(frozen=True, slots=True)
class Limit:
    """What a score must be."""

    score: str
    words: str
    """What the score says, for people."""
    limit: float
    goal: float
    unit: str
    source: str
    at_least: bool = True
    families: frozenset[str] = frozenset()
    """Whom it concerns; empty is every clip."""
    is_expression: bool = False
    """A gentler take would show even less of it."""

    def level(self, value: float) -> Level:
        """Where a value stands."""
        sign = 1 if self.at_least else -1
        if sign * value < sign * self.limit:
            return Level.POOR
        return Level.GOOD if sign * value >= sign * self.goal else Level.FAIR


@dataclass(frozen=True, slots=True)
class Check:
    """One score held against its limit."""

    limit: Limit
    value: float

    @property
    def level(self) -> Level:
        """Where it stands."""
        return self.limit.level(self.value)

    def sentence(self) -> str:
        """For people: what, how much, and what it should be."""
        side = "at least" if self.limit.at_least else "at most"
        unit = f" {self.limit.unit}" if self.limit.unit else ""
        return f"{self.limit.words}: {self.value:.3g}{unit}, must be {side} {self.limit.limit:g}"


def _families(*families: Family) -> frozenset[str]:
    return frozenset(family.value for family in families)


LIMITS: tuple[Limit, ...] = (
    Limit("start_db", "likeness of the first frame to the still", 40.0, 40.0, "dB", _DESIGN),
    Limit("end_db", "likeness of the last frame to the still", 40.0, 40.0, "dB", _DESIGN),
    Limit("centre_db", "likeness of the middle direction to the still", 38.0, 40.0, "dB", _DESIGN),
    Limit(
        "border_max",
        "step between video and still along the border of the box",
        1.0,
        0.0,
        "of 255",
        "a step of 2 shows on a plain wall",
        at_least=False,
    ),
    Limit(
        "still_deviation",
        "flicker of what should stand still",
        1.0,
        1.0,
        "of 255",
        _DESIGN,
        at_least=False,
    ),
    Limit(
        "tremble_px",
        "trembling from frame to frame",
        0.5,
        0.25,
        "px",
        _MADE,
        at_least=False,
    ),
    Limit(
        "grain_flicker",
        "restless grain or brush strokes",
        0.8,
        0.5,
        "of 255",
        _MADE,
        at_least=False,
    ),
    Limit(
        "edge_error",
        "error along the subject's outline",
        3.0,
        1.5,
        "of 255",
        _READ,
        at_least=False,
    ),
    Limit("jacobian", "flattest place of the warp, 0 folds", 0.12, 0.2, "", _DESIGN),
    Limit(
        "face_seen",
        "share of frames in which a face is recognised",
        0.75,
        1.0,
        "",
        "a face that is lost is no longer one",
    ),
    Limit(
        "smile",
        "smile gained over the still (mouthSmile)",
        0.12,
        0.3,
        "",
        _DESIGN,
        families=_families(Family.SMILE, Family.LAUGH),
        is_expression=True,
    ),
    Limit(
        "smile_mesh",
        "corners of the mouth up and out",
        0.06,
        0.1,
        "eye distances",
        _READ,
        families=_families(Family.SMILE, Family.LAUGH),
        is_expression=True,
    ),
    Limit(
        "turn_deg",
        "turn of the head",
        3.0,
        8.0,
        "degrees",
        _DESIGN,
        families=_families(Family.NOD, Family.SHAKE),
        is_expression=True,
    ),
    Limit(
        "roll_deg",
        "tilt of the head",
        2.0,
        4.0,
        "degrees",
        _READ,
        families=_families(Family.TILT),
        is_expression=True,
    ),
    Limit(
        "lid_one",
        "one eye closed more than the other",
        0.15,
        0.4,
        "of the way",
        _READ,
        families=_families(Family.WINK),
        is_expression=True,
    ),
    Limit(
        "lids_both",
        "both eyes closed",
        0.1,
        0.15,  # one of the blinks stops halfway, and half of a way is read as a fifth
        "of the way",
        _READ,
        families=_families(Family.BLINK),
        is_expression=True,
    ),
    Limit(
        "lids_both",
        "both eyes closed",
        0.25,
        0.5,
        "of the way",
        _READ,
        families=_families(Family.SLEEP, Family.WAKE),
        is_expression=True,
    ),
    Limit(
        "gaze_deg",
        "way of the look, head and eyes together",
        2.5,
        4.0,
        "degrees",
        _READ,
        families=_families(Family.LOOK),
        is_expression=True,
    ),
    Limit(
        "frown_mesh",
        "corners of the mouth down",
        0.014,  # nods and looks, which show no sorrow, reach 0.010
        0.02,
        "eye distances",
        _READ,
        families=_families(Family.SAD),
        is_expression=True,
    ),
    Limit(
        "lips_apart",
        "lips apart in the most open shape",
        0.02,
        0.06,
        "eye distances",
        _READ,
        families=frozenset({VISEME_SHEET}),
        is_expression=True,
    ),
    Limit(
        "surprise",
        "brows up and lips apart",
        0.04,
        0.08,
        "eye distances",
        _READ,
        families=_families(Family.SURPRISE),
        is_expression=True,
    ),
)
"""Every score with its limit; scores without one are only told."""


def check(family: str, scores: Mapping[str, float]) -> tuple[Check, ...]:
    """Hold the scores of a clip against what its family asks for."""
    return tuple(
        Check(limit, scores[limit.score])
        for limit in LIMITS
        if limit.score in scores
        and (not limit.families or family in limit.families)
        and not _says_nothing(limit.score, scores)
    )


def faults(checks: Iterable[Check]) -> tuple[Check, ...]:
    """The scores past their limits."""
    return tuple(item for item in checks if item.level is Level.POOR)


def next_amplitude(
    poor: Sequence[Check], amplitude: float, amplitudes: Iterable[float]
) -> float | None:
    """The next gentler amplitude that may mend these faults; None if none may."""
    if not poor or any(item.limit.is_expression for item in poor):
        return None
    return next((gentler for gentler in amplitudes if gentler < amplitude), None)


def _says_nothing(score: str, scores: Mapping[str, float]) -> bool:
    """A mouth is judged by its blendshape where there is one, unless the still smiles already."""
    grins = scores.get("smile_at_rest", 0.0) > _GRINS
    return (score == "smile" and grins) or (
        score == "smile_mesh" and "smile" in scores and not grins
    )
