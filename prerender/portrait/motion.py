"""Clips as curves over the parameters of `pose`, read from config/motions/*.toml.

A clip is a sum: curves that a person drew, slow drift, breathing, saccades and blinks. All of it is
a pure function of time and seed, so any frame can be rendered alone and at any frame rate.
"""

import itertools
import tomllib
import zlib
from functools import cached_property
from pathlib import Path
from typing import Annotated, Self

import numpy as np
import numpy.typing as npt
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from frame_app.base.errors import ConfigError
from frame_app.cliplib.schema import Family
from prerender.portrait.pose import PARAMETERS, Pose, clamp

_CLOSE_S, _HOLD_S, _OPEN_S = (
    0.09,
    0.04,
    0.20,
)  # a quiet blink: VanderWerf et al., J Neurophysiol 2003
_BLINK_S = _CLOSE_S + _HOLD_S + _OPEN_S
_SACCADE_S = 0.05  # of a few degrees: Bahill et al., Math Biosci 1975
_EDGE_S = 0.4  # nothing sudden this close to the ends of a clip and to a rest
_LEAST_PART_S = 1.0
_BLINKS = ("blink_left", "blink_right")

Keys = Annotated[list[tuple[float, float]], Field(min_length=2)]


class _Table(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)


class Drift(_Table):
    """Slow random movement of one parameter that starts and ends at rest on zero."""

    parameter: str
    amplitude: float
    """About the largest value reached, in the parameter's unit."""
    low_hz: float = Field(default=0.1, gt=0, le=4)
    high_hz: float = Field(default=0.45, gt=0, le=4)


class Breath(_Table):
    """Quiet breathing."""

    rate_hz: float = Field(default=0.27, gt=0, le=1)
    """Rounded so that whole breaths fill the clip."""
    amplitude: float = Field(default=1.0, ge=0, le=1.5)


class Blinks(_Table):
    """Blinks at irregular times."""

    per_minute: float = Field(default=16, ge=0, le=60)
    depth: float = Field(default=1.0, ge=0, le=1)


class Saccades(_Table):
    """Small jumps of the eyes, each held for a while."""

    every_s: float = Field(default=1.6, ge=0.3, le=20)
    """Average time between two."""
    across_deg: float = Field(default=3.0, ge=0, le=15)
    down_deg: float = Field(default=1.5, ge=0, le=10)


class Motion(_Table):
    """One file of config/motions."""

    name: str = Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")
    family: Family
    duration_s: float = Field(gt=0.2, le=60)
    loop: bool = False
    rests_s: tuple[float, ...] = ()
    """Times inside the clip when sway, gaze and lids are on neutral: places to leave it from."""
    curves: dict[str, Keys] = {}
    """Parameter to `[time_s, value]` pairs; monotone between two keys, at rest on each extreme."""
    drift: tuple[Drift, ...] = ()
    breath: Breath | None = None
    blinks: Blinks | None = None
    saccades: Saccades | None = None

    @model_validator(mode="after")
    def _is_playable(self) -> Self:
        named = {*self.curves, *(drift.parameter for drift in self.drift)}
        if unknown := sorted(named - set(PARAMETERS)):
            msg = f"unknown parameters: {', '.join(unknown)}"
            raise ValueError(msg)
        marks = (0.0, *self.rests_s, self.duration_s)
        if any(after - before < _LEAST_PART_S for before, after in itertools.pairwise(marks)):
            msg = f"rests_s must rise, and leave {_LEAST_PART_S} s between any two and to both ends"
            raise ValueError(msg)
        for name, keys in self.curves.items():
            times = [time for time, _ in keys]
            if times != sorted(set(times)) or times[0] < 0 or times[-1] > self.duration_s:
                msg = f"the times of {name} must rise from 0 to {self.duration_s}"
                raise ValueError(msg)
            if keys[0][1] != 0 or keys[-1][1] != 0:
                msg = f"{name} must start and end at 0"
                raise ValueError(msg)
        return self

    @property
    def parts(self) -> tuple[tuple[float, float], ...]:
        """From rest to rest, in seconds; the whole clip if it has none."""
        return tuple(itertools.pairwise((0.0, *self.rests_s, self.duration_s)))

    def frames(self, fps: float) -> int:
        """Number of frames; the last one shows the end of the clip."""
        return max(2, round(self.duration_s * fps) + 1)


def load_motions(folder: Path) -> dict[str, Motion]:
    """Every clip of a folder by name, in the order of file names.

    Raises:
        ConfigError: a file is no valid motion.
    """
    motions: dict[str, Motion] = {}
    for path in sorted(folder.glob("*.toml")):
        try:
            motion = Motion.model_validate(tomllib.loads(path.read_text("utf-8")))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError, ValidationError) as error:
            raise ConfigError(path, str(error)) from error
        motions[motion.name] = motion
    return motions


class Choreography:
    """A motion with its dice thrown: the pose at any time."""

    def __init__(self, motion: Motion, seed: int) -> None:
        self._motion = motion
        self._seed = seed
        self._curves = {name: _Spline(keys) for name, keys in motion.curves.items()}
        self._drifts = [
            (drift.parameter, start, end, _Noise(drift, end - start, dice))
            for drift in motion.drift
            for dice in (self._dice(drift.parameter),)
            for start, end in motion.parts
        ]

    def at(self, time_s: float) -> Pose:
        """The pose at a time within the clip; neutral at both ends."""
        time_s = min(max(time_s, 0.0), self._motion.duration_s)
        pose: dict[str, float] = {}
        for name, spline in self._curves.items():
            pose[name] = spline(time_s)
        for name, start, end, noise in self._drifts:
            if start <= time_s < end:
                pose[name] = pose.get(name, 0.0) + noise(time_s - start)
        self._add_breath(pose, time_s)
        if self._saccades is not None:
            for name, (times, values) in self._saccades.items():
                pose[name] = pose.get(name, 0.0) + _steps(times, values, time_s)
        self._add_blinks(pose, time_s)
        return clamp(pose)

    def _dice(self, purpose: str) -> np.random.Generator:
        words = (self._seed, zlib.crc32(self._motion.name.encode()), zlib.crc32(purpose.encode()))
        return np.random.default_rng(words)

    def _add_breath(self, pose: dict[str, float], time_s: float) -> None:
        breath, length_s = self._motion.breath, self._motion.duration_s
        if breath is None:
            return
        phase = time_s / length_s * max(1, round(breath.rate_hz * length_s)) % 1.0
        # In takes 40 % of a quiet breath, out 45 %, then a pause.
        fraction = phase / 0.4 if phase < 0.4 else max(0.0, 1 - (phase - 0.4) / 0.45)
        full = (1 - np.cos(np.pi * fraction)) / 2
        pose["breath"] = pose.get("breath", 0.0) + breath.amplitude * float(full)

    def _add_blinks(self, pose: dict[str, float], time_s: float) -> None:
        blinks = self._motion.blinks
        if blinks is None:
            return
        for start in self._blink_starts:
            for name, delay in zip(_BLINKS, (0.0, 0.008), strict=True):
                shut = blinks.depth * _blink(time_s - start - delay)
                # A lid that is lower already has less way to go.
                pose[name] = max(pose.get(name, 0.0), shut) if shut > 0 else pose.get(name, 0.0)

    @cached_property
    def _blink_starts(self) -> tuple[float, ...]:
        blinks, length_s = self._motion.blinks, self._motion.duration_s
        if blinks is None or blinks.per_minute == 0:
            return ()
        dice, mean_s = self._dice("blinks"), 60.0 / blinks.per_minute
        starts: list[float] = []
        now = _EDGE_S + mean_s * dice.uniform(0.2, 0.6)
        while now < length_s - _EDGE_S - _BLINK_S:
            if not any(-_EDGE_S < rest - now < _BLINK_S + _EDGE_S for rest in self._motion.rests_s):
                starts.append(now)
            # Times between blinks are skewed: often short, now and then long.
            now += _BLINK_S + 0.1 + mean_s * dice.gamma(2.5, 1 / 2.5)
        return tuple(starts)

    @cached_property
    def _saccades(self) -> dict[str, tuple[list[float], list[float]]] | None:
        saccades = self._motion.saccades
        if saccades is None:
            return None
        dice = self._dice("saccades")
        times: list[float] = []
        across: list[float] = []
        down: list[float] = []
        for start, end in self._motion.parts:
            now = start
            while (now := now + saccades.every_s * dice.uniform(0.4, 1.6)) < end - 1.0:
                times.append(max(now, start + _EDGE_S))
                across.append(saccades.across_deg * float(np.tanh(dice.normal())))
                down.append(saccades.down_deg * float(np.tanh(dice.normal())))
            times.append(end - 0.6)  # and back
            across.append(0.0)
            down.append(0.0)
        return {"gaze_x": (times, across), "gaze_y": (times, down)}


def _blink(since_s: float) -> float:
    """How far a lid has closed this long after a blink began, 0..1; down fast, up slowly."""
    if not 0 < since_s < _BLINK_S:
        return 0.0
    if since_s < _CLOSE_S:
        return _smooth(since_s / _CLOSE_S)
    return 1 - _smooth(max(0.0, since_s - _CLOSE_S - _HOLD_S) / _OPEN_S)


def _steps(times: list[float], values: list[float], now: float) -> float:
    """A staircase with short eased risers; zero before the first time."""
    level = 0.0
    for time, value in zip(times, values, strict=True):
        if now <= time:
            break
        level += (value - level) * _smooth(min((now - time) / _SACCADE_S, 1.0))
    return float(level)


def _smooth(fraction: float) -> float:
    return fraction * fraction * (3 - 2 * fraction)


class _Spline:
    """Monotone cubic through keys, at rest at both ends (Fritsch and Butland 1984)."""

    def __init__(self, keys: list[tuple[float, float]]) -> None:
        self._times = np.array([time for time, _ in keys])
        self._values = np.array([value for _, value in keys])
        widths = np.diff(self._times)
        slopes = np.diff(self._values) / widths
        self._tangents = np.zeros(len(keys))
        for i in range(1, len(keys) - 1):
            before, after = slopes[i - 1], slopes[i]
            if before * after > 0:
                w1, w2 = 2 * widths[i] + widths[i - 1], widths[i] + 2 * widths[i - 1]
                self._tangents[i] = (w1 + w2) / (w1 / before + w2 / after)

    def __call__(self, time_s: float) -> float:
        if time_s <= self._times[0] or time_s >= self._times[-1]:
            return 0.0
        i = int(np.searchsorted(self._times, time_s, side="right")) - 1
        width = self._times[i + 1] - self._times[i]
        x = (time_s - self._times[i]) / width
        low, high = self._values[i], self._values[i + 1]
        rise = low + (high - low) * x * x * (3 - 2 * x)
        lean = x * (1 - x) * ((1 - x) * self._tangents[i] - x * self._tangents[i + 1])
        return float(rise + width * lean)


class _Noise:
    """Band-limited noise of the clip's own period; value and speed are zero at both ends."""

    def __init__(self, drift: Drift, length_s: float, dice: np.random.Generator) -> None:
        self._omega = 2 * np.pi / length_s
        lowest = max(1, round(drift.low_hz * length_s))
        self._order = np.arange(lowest, max(lowest, round(drift.high_hz * length_s)) + 1)
        size = len(self._order)
        # Amplitudes fall with frequency, as a resting head's sway does.
        self._cos, self._sin = dice.normal(size=(2, size)) / np.sqrt(self._order / lowest)
        self._gain = 1.0
        peak = max(abs(self(time)) for time in np.linspace(0, length_s, 256))
        self._gain = drift.amplitude / max(peak, 1e-9)

    def __call__(self, time_s: float) -> float:
        phase = self._omega * time_s
        wave: npt.NDArray[np.float64] = self._cos * (np.cos(self._order * phase) - 1)
        # Each sine gives its speed at the ends back to the slowest one.
        wave = wave + self._sin * (np.sin(self._order * phase) - self._order * np.sin(phase))
        return float(self._gain * wave.sum())
