"""What a clip is: curves, drift, breath, blinks and saccades over the parameters of `pose`.

A motion is data, one file of config/motions; `motion_files` reads it, `choreography` plays it.
"""

import itertools
from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from frame_app.cliplib.schema import NEUTRAL, Family, Slug
from prerender.portrait.pose import PARAMETERS

_LEAST_PART_S = 1.0

Keys = Annotated[list[tuple[float, float]], Field(min_length=2)]
Share = Annotated[float, Field(ge=0.0, le=1.0)]


class _Table(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)


class Drift(_Table):
    """Slow random movement of one parameter that starts and ends at rest on zero."""

    parameter: str
    amplitude: float
    """About the largest value reached, in the parameter's unit."""
    low_hz: float = Field(default=0.1, gt=0, le=4)
    high_hz: float = Field(default=0.45, gt=0, le=4)

    @model_validator(mode="after")
    def _is_possible(self) -> Self:
        _check_value(self.parameter, abs(self.amplitude))
        return self


class Breath(_Table):
    """Quiet breathing."""

    rate_hz: float = Field(default=0.27, gt=0, le=1)
    """Rounded so that whole breaths fill the clip."""
    amplitude: float = Field(default=1.0, ge=0, le=1.5)


class BlinkKind(StrEnum):
    """How a blink goes."""

    SINGLE = "single"
    DOUBLE = "double"
    """Two, the second one shallower."""
    SLOW = "slow"
    """A heavy lid."""
    HALF = "half"
    """Down to the pupil and up again."""


class Blinks(_Table):
    """Blinks at irregular times."""

    per_minute: float = Field(default=16, ge=0, le=60)
    depth: Share = 1.0
    double: Share = 0.0
    """Share of blinks that are double; so below. The rest are single."""
    slow: Share = 0.0
    half: Share = 0.0
    with_gaze: Share = 0.0
    """How often a large jump of the eyes takes a blink along."""


class BlinkAt(_Table):
    """One blink where the animator wants it."""

    at_s: float = Field(ge=0)
    kind: BlinkKind = BlinkKind.SINGLE
    depth: Share = 1.0


class Saccades(_Table):
    """Small jumps of the eyes, each held for a while."""

    every_s: float = Field(default=1.6, ge=0.3, le=20)
    """Average time between two."""
    across_deg: float = Field(default=3.0, ge=0, le=15)
    down_deg: float = Field(default=1.5, ge=0, le=10)
    head: float = Field(default=0.0, ge=0, le=0.8)
    """Share of each jump that the head takes over, a moment later and slowly."""


class Recorded(_Table):
    """Motion of a real face, for animators that can carry it over."""

    file: str = Field(pattern=r"^[a-z0-9-]+\.npz$")
    """Beside the motion's own; `prerender motions import` makes both."""
    region: Literal["all", "exp", "pose", "lip", "eyes"] = "all"
    """What is taken of it: expression, head pose, lips or eyes alone."""
    relative: bool = True
    """Take what changes since its first frame; else the recorded face itself."""
    multiplier: float = Field(default=1.0, ge=0.0, le=2.0)
    expression_friendly: bool = False
    """Scale the way by the size of the two faces."""
    eyes: bool = False
    """Close the eyes as far as the recorded ones, if it says how far those are open."""
    back_s: float = Field(default=0.5, ge=0.1, le=5.0)
    """Over which it comes back to the still at its end."""


class Motion(_Table):
    """One file of config/motions."""

    name: Slug
    about: str = Field(min_length=1, max_length=200)
    """One sentence, for `prerender motions list`."""
    family: Family
    mood: Slug | None = None
    """Of an idle clip: when the frame chooses it; none suits every mood."""
    duration_s: float = Field(gt=0.2, le=60)
    loop: bool = False
    start_pose: Slug = NEUTRAL
    end_pose: Slug = NEUTRAL
    """Poses are defined in config/poses.toml; `neutral` is the picture."""
    rests_s: tuple[float, ...] = ()
    """Times inside the clip when sway, gaze and lids are on neutral: places to leave it from."""
    curves: dict[str, Keys] = {}
    """Parameter to `[time_s, value]` pairs; monotone between two keys, at rest on each extreme."""
    drift: tuple[Drift, ...] = ()
    breath: Breath | None = None
    blinks: Blinks | None = None
    blink: tuple[BlinkAt, ...] = ()
    saccades: Saccades | None = None
    recorded: Recorded | None = None
    """Instead of all that: a recording, which only some animators can play."""

    @model_validator(mode="after")
    def _is_playable(self) -> Self:
        drawn = self.curves or self.drift or self.breath or self.blinks or self.blink
        if self.recorded and (drawn or self.saccades or self.rests_s or self.loop):
            msg = "recorded: a recording has no curves, drift, blinks, rests or loop beside it"
            raise ValueError(msg)
        if self.recorded and {self.start_pose, self.end_pose} != {NEUTRAL}:
            msg = f"recorded: a recording starts and ends on {NEUTRAL}"
            raise ValueError(msg)
        marks = (0.0, *self.rests_s, self.duration_s)
        if any(after - before < _LEAST_PART_S for before, after in itertools.pairwise(marks)):
            msg = f"rests_s must rise, and leave {_LEAST_PART_S} s between any two and to both ends"
            raise ValueError(msg)
        for name, keys in self.curves.items():
            times = [time for time, _ in keys]
            if times != sorted(set(times)) or times[0] < 0 or times[-1] > self.duration_s:
                msg = f"curves.{name}: times must rise from 0 to {self.duration_s}"
                raise ValueError(msg)
            for _, value in keys:
                _check_value(name, value, f"curves.{name}: ")
        late = [blink.at_s for blink in self.blink if blink.at_s >= self.duration_s]
        if late:
            msg = f"blink.at_s: {late[0]} is not inside the clip, 0 to {self.duration_s}"
            raise ValueError(msg)
        return self

    def check_poses(self, poses: Mapping[str, Mapping[str, float]]) -> None:
        """Raise `ValueError` unless the curves lead from the pose it starts on to its end pose."""
        for name in (self.start_pose, self.end_pose):
            if name not in poses:
                msg = f"there is no pose {name}; known are: {', '.join(poses)}"
                raise ValueError(msg)
        start, end = poses[self.start_pose], poses[self.end_pose]
        for name in {**start, **end, **self.curves}:
            ends = start.get(name, 0.0), end.get(name, 0.0)
            keys = self.curves.get(name)
            if keys is None and ends[0] != ends[1]:
                msg = f"curves: {name} must lead from {ends[0]:g} to {ends[1]:g}, as the poses do"
                raise ValueError(msg)
            if keys is not None and (keys[0][1], keys[-1][1]) != ends:
                msg = f"curves.{name}: must start at {ends[0]:g} and end at {ends[1]:g}"
                raise ValueError(msg)

    @property
    def parts(self) -> tuple[tuple[float, float], ...]:
        """From rest to rest, in seconds; the whole clip if it has none."""
        return tuple(itertools.pairwise((0.0, *self.rests_s, self.duration_s)))

    def frames(self, fps: float) -> int:
        """Number of frames; the last one shows the end of the clip."""
        return max(2, round(self.duration_s * fps) + 1)


def _check_value(parameter: str, value: float, where: str = "") -> None:
    """Raise `ValueError` for an unknown parameter, or a value it cannot have."""
    if parameter not in PARAMETERS:
        msg = f"{where}unknown parameter {parameter}; known are: {', '.join(PARAMETERS)}"
        raise ValueError(msg)
    low, high, _ = PARAMETERS[parameter]
    if not low <= value <= high:
        msg = f"{where}{parameter} may be {low:g} to {high:g}, not {value:g}"
        raise ValueError(msg)


def check_pose(pose: Mapping[str, float]) -> None:
    """Raise `ValueError` unless every value of a pose is possible."""
    for name, value in pose.items():
        _check_value(name, value)
