"""What crosses the border between the player and the process that watches; frozen and picklable.

No picture crosses it, except `MirrorPicture` while somebody looks at the panel's camera page.
Times are seconds of the machine's monotonic clock, which both processes share.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple, Protocol, TypeAlias

from frame_app.config.model import PerceptionSettings


class Gesture(StrEnum):
    """What somebody can do before the frame; the values are the names in `behaviours.toml`."""

    CLOSED_FIST = "closed_fist"
    OPEN_PALM = "open_palm"
    POINTING_UP = "pointing_up"
    THUMB_DOWN = "thumb_down"
    THUMB_UP = "thumb_up"
    VICTORY = "victory"
    I_LOVE_YOU = "i_love_you"
    WAVE = "wave"
    SWIPE_LEFT = "swipe_left"
    """To the left as the person sees it."""
    SWIPE_RIGHT = "swipe_right"
    SMILE = "smile"
    NOD = "nod"


HAND_SHAPES = (
    Gesture.CLOSED_FIST,
    Gesture.OPEN_PALM,
    Gesture.POINTING_UP,
    Gesture.THUMB_DOWN,
    Gesture.THUMB_UP,
    Gesture.VICTORY,
    Gesture.I_LOVE_YOU,
)
"""Gestures that a single picture of a hand shows."""


class Place(NamedTuple):
    """A point in metres from the middle of the screen: x right for the viewer, y up, z outwards."""

    x: float
    y: float
    z: float


@dataclass(frozen=True, slots=True)
class Observation:
    """What one camera picture said."""

    time_s: float
    """When the picture was taken, as far as the camera tells."""
    viewers: int
    """People who look at the frame or stand before it, after hysteresis."""
    viewer: int = 0
    """Number of the main viewer; another number is another person, 0 is nobody."""
    eye: Place | None = None
    """Between the main viewer's eyes, filtered; None while no face is seen."""
    scores: Mapping[Gesture, float] = field(default_factory=dict)
    """How much the picture looks like each gesture, 0..1; what is missing is 0. For the panel's
    bars: what counts is `GestureMade`."""


@dataclass(frozen=True, slots=True)
class GestureMade:
    """A gesture was held long enough, or a motion was completed."""

    gesture: Gesture
    time_s: float
    """When the picture was taken that completed it."""


@dataclass(frozen=True, slots=True)
class ViewersChanged:
    """Somebody came or went."""

    count: int


@dataclass(frozen=True, slots=True)
class Heartbeat:
    """The watching process runs; it is stuck if it says nothing for as long as it asked for."""

    patience_s: float
    """Until then silence is in order: opening a camera takes longer than looking at a picture."""


class CameraStatus(StrEnum):
    """How the watching goes."""

    STARTING = "starting"
    """The process or the camera is being started."""
    RUNNING = "running"
    """Pictures come: the camera watches."""
    LOST = "lost"
    """The camera or the process is gone and is being tried again."""
    BLOCKED = "blocked"
    """Pictures come, but black or without change: something covers the lens."""
    ABSENT = "absent"
    """There is no camera, or it was given up for a while."""
    OFF = "off"
    """The camera is closed because somebody wants it so."""

    @property
    def is_watching(self) -> bool:
        """Whether the camera is open: the dot on screen."""
        return self in {CameraStatus.RUNNING, CameraStatus.BLOCKED}


@dataclass(frozen=True, slots=True)
class CameraState:
    """The status, and a sentence about it for people."""

    status: CameraStatus
    text: str = ""
    since_s: float = 0.0
    """Since when; for `RUNNING` the time of the first picture."""
    is_given_up: bool = False
    """The watching itself failed too often, and not only its source: somebody should look at it."""


@dataclass(frozen=True, slots=True)
class MirrorPicture:
    """A small picture for the camera page, already the way a mirror shows it; never stored."""

    width: int
    height: int
    rgb: bytes = field(repr=False)
    """Rows from the top, three bytes a pixel."""


@dataclass(frozen=True, slots=True)
class Remark:
    """A line of the child's log."""

    level: int
    text: str


Report: TypeAlias = (
    Observation | GestureMade | ViewersChanged | Heartbeat | CameraState | MirrorPicture | Remark
)
"""What the child says."""


@dataclass(frozen=True, slots=True)
class Capture:
    """Open the camera, or close it."""

    on: bool


@dataclass(frozen=True, slots=True)
class Mirror:
    """Send mirror pictures, or no more."""

    on: bool


@dataclass(frozen=True, slots=True)
class Adjust:
    """Other settings, from now on."""

    settings: PerceptionSettings


Command: TypeAlias = Adjust | Capture | Mirror
"""What the parent says."""


class Watcher(Protocol):
    """The parent's side of the watching process; nothing here waits for anything."""

    def poll(self) -> Sequence[Report]:
        """What was said since the last call, in order."""

    def say(self, command: Command) -> None:
        """Tell the child; it is told again after a restart."""

    def close(self) -> None:
        """End the child."""
