"""A motion with its dice thrown: a pure function of time and seed.

A clip is a sum: curves that a person drew, slow drift, breathing, saccades and blinks. Any frame
can be rendered alone and at any frame rate.
"""

import zlib
from bisect import bisect_right
from functools import cached_property
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from prerender.portrait.motion import BlinkKind, Drift, Motion
from prerender.portrait.pose import NEUTRAL_POSE, Pose, clamp

_SACCADE_S = 0.05  # of a few degrees: Bahill et al., Math Biosci 1975
_HEAD_AFTER_S, _HEAD_S = 0.06, 0.45  # the head follows the eyes late and slowly
_LARGE_DEG = 4.0  # a jump of the eyes that people often blink through (Evinger et al. 1994)
_EDGE_S = 0.4  # nothing sudden this close to the ends of a clip and to a rest
_BACK_S = 0.6  # before a rest: when the eyes go home, so that the head is there in time
_LIDS = ("blink_left", "blink_right")
_LID_DELAY_S = (0.0, 0.008)  # no two lids fall at the very same moment


class _Lid(NamedTuple):
    """One fall and rise of a lid."""

    after_s: float
    close_s: float
    hold_s: float
    open_s: float
    depth: float

    @property
    def length_s(self) -> float:
        """Until it is open again."""
        return self.after_s + self.close_s + self.hold_s + self.open_s

    def shut(self, since_s: float) -> float:
        """How far it has closed this long after the blink began; down fast, up slowly."""
        now = since_s - self.after_s
        if not 0 < now < self.close_s + self.hold_s + self.open_s:
            return 0.0
        if now < self.close_s:
            return self.depth * _smooth(now / self.close_s)
        return self.depth * (1 - _smooth(max(0.0, now - self.close_s - self.hold_s) / self.open_s))


_QUIET = _Lid(0.0, 0.09, 0.04, 0.20, 1.0)  # VanderWerf et al., J Neurophysiol 2003
_BLINKS: dict[BlinkKind, tuple[_Lid, ...]] = {
    BlinkKind.SINGLE: (_QUIET,),
    BlinkKind.DOUBLE: (_Lid(0.0, 0.09, 0.03, 0.15, 1.0), _Lid(0.31, 0.09, 0.04, 0.23, 0.9)),
    BlinkKind.SLOW: (_Lid(0.0, 0.26, 0.14, 0.52, 1.0),),
    BlinkKind.HALF: (_Lid(0.0, 0.08, 0.02, 0.18, 0.55),),
}


class _Blink(NamedTuple):
    start_s: float
    kind: BlinkKind
    depth: float

    @property
    def end_s(self) -> float:
        return self.start_s + _BLINKS[self.kind][-1].length_s


class _Steps(NamedTuple):
    """Where the eyes look, from each time on."""

    times: list[float]
    across: list[float]
    down: list[float]


class Choreography:
    """A motion with its dice thrown: the pose at any time."""

    def __init__(
        self, motion: Motion, seed: int, start: Pose = NEUTRAL_POSE, end: Pose = NEUTRAL_POSE
    ) -> None:
        """See the class.

        Args:
            motion: What to play.
            seed: Of its dice.
            start: The pose it starts on.
            end: The pose it ends on; what no curve moves is the same in both.
        """
        self._motion = motion
        self._seed = seed
        self._held = {name: value for name, value in start.items() if end.get(name) == value}
        self._curves = {name: _Spline(keys) for name, keys in motion.curves.items()}
        self._drifts = [
            (drift.parameter, begin, stop, _Noise(drift, stop - begin, dice))
            for drift in motion.drift
            for dice in (self._dice(drift.parameter),)
            for begin, stop in motion.parts
        ]

    def at(self, time_s: float) -> Pose:
        """The pose at a time within the clip; on its poses at both ends."""
        time_s = min(max(time_s, 0.0), self._motion.duration_s)
        pose = dict(self._held)
        for name, spline in self._curves.items():
            pose[name] = spline(time_s)
        for name, start, end, noise in self._drifts:
            if start <= time_s < end:
                pose[name] = pose.get(name, 0.0) + noise(time_s - start)
        self._add_breath(pose, time_s)
        self._add_gaze(pose, time_s)
        for blink in self._blinks:
            for lid, delay_s in zip(_LIDS, _LID_DELAY_S, strict=True):
                _close(pose, lid, blink, time_s - delay_s)
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

    def _add_gaze(self, pose: dict[str, float], time_s: float) -> None:
        """Eyes jump; the head takes a part over, and the eyes give it back meanwhile."""
        steps, saccades = self._steps, self._motion.saccades
        if steps is None or saccades is None:
            return
        for eye, head, values in (("gaze_x", "yaw", steps.across), ("gaze_y", "pitch", steps.down)):
            look = _stairs(steps.times, values, time_s, _SACCADE_S)
            follows = saccades.head * _stairs(steps.times, values, time_s - _HEAD_AFTER_S, _HEAD_S)
            pose[eye] = pose.get(eye, 0.0) + look - follows
            pose[head] = pose.get(head, 0.0) + follows

    @cached_property
    def _blinks(self) -> tuple[_Blink, ...]:
        """All blinks: the animator's own, those with the gaze, and the rest by chance."""
        blinks = [_Blink(each.at_s, each.kind, each.depth) for each in self._motion.blink]
        blinks += self._blinks_with_gaze()
        for chance in self._chance_blinks():
            blink = self._past_rest(chance)
            alone = all(
                blink.end_s + _EDGE_S < other.start_s or other.end_s + _EDGE_S < blink.start_s
                for other in blinks
            )
            if alone and self._is_clear(blink):
                blinks.append(blink)
        return tuple(sorted(blinks))

    def _past_rest(self, blink: _Blink) -> _Blink:
        """A blink that would fall on a rest waits until after it."""
        for rest in self._motion.rests_s:
            if blink.start_s - _EDGE_S < rest < blink.end_s + _EDGE_S:
                return blink._replace(start_s=rest + _EDGE_S + 0.01)
        return blink

    def _is_clear(self, blink: _Blink) -> bool:
        """No blink begins or lasts next to an end or a rest of the clip."""
        marks = (0.0, *self._motion.rests_s, self._motion.duration_s)
        return not any(blink.start_s - _EDGE_S < mark < blink.end_s + _EDGE_S for mark in marks)

    def _blinks_with_gaze(self) -> list[_Blink]:
        blinks, steps = self._motion.blinks, self._steps
        if blinks is None or steps is None:
            return []
        dice = self._dice("blinks with gaze")
        found: list[_Blink] = []
        before = (0.0, 0.0)
        for time, *look in zip(*steps, strict=True):
            jump = float(np.hypot(look[0] - before[0], look[1] - before[1]))
            before = look[0], look[1]
            blink = _Blink(max(0.0, time - 0.03), BlinkKind.SINGLE, blinks.depth)
            if dice.random() < blinks.with_gaze and jump > _LARGE_DEG and self._is_clear(blink):
                found.append(blink)
        return found

    def _chance_blinks(self) -> list[_Blink]:
        blinks, length_s = self._motion.blinks, self._motion.duration_s
        if blinks is None or blinks.per_minute == 0:
            return []
        dice, mean_s = self._dice("blinks"), 60.0 / blinks.per_minute
        rest = max(0.0, 1 - blinks.double - blinks.slow - blinks.half)
        shares = np.array([rest, blinks.double, blinks.slow, blinks.half])
        found: list[_Blink] = []
        now = _EDGE_S + mean_s * dice.uniform(0.2, 0.6)
        while now < length_s:
            kind = tuple(BlinkKind)[int(dice.choice(4, p=shares / shares.sum()))]
            blink = _Blink(now, kind, blinks.depth)
            found.append(blink)
            # Times between blinks are skewed: often short, now and then long.
            now = blink.end_s + 0.1 + mean_s * float(dice.gamma(2.5, 1 / 2.5))
        return found

    @cached_property
    def _steps(self) -> _Steps | None:
        saccades = self._motion.saccades
        if saccades is None:
            return None
        dice = self._dice("saccades")
        steps = _Steps([], [], [])
        for start, end in self._motion.parts:
            now = start
            while (now := now + saccades.every_s * dice.uniform(0.4, 1.6)) < end - 1.0:
                steps.times.append(max(now, start + _EDGE_S))
                steps.across.append(saccades.across_deg * float(np.tanh(dice.normal())))
                steps.down.append(saccades.down_deg * float(np.tanh(dice.normal())))
            steps.times.append(end - _BACK_S)
            steps.across.append(0.0)
            steps.down.append(0.0)
        return steps


def _close(pose: dict[str, float], lid: str, blink: _Blink, now_s: float) -> None:
    """Lower a lid as far as a blink does; one that is lower already has less way to go."""
    shut = blink.depth * max(part.shut(now_s - blink.start_s) for part in _BLINKS[blink.kind])
    if shut > 0:
        open_ = pose.get(lid, 0.0)
        pose[lid] = open_ + max(0.0, 1.0 - open_) * shut


def _stairs(times: list[float], values: list[float], now: float, rise_s: float) -> float:
    """A staircase with eased risers; zero before the first time."""
    level = 0.0
    for time, value in zip(times, values, strict=True):
        if now <= time:
            break
        level += (value - level) * _smooth(min((now - time) / rise_s, 1.0))
    return float(level)


def _smooth(fraction: float) -> float:
    return fraction * fraction * (3 - 2 * fraction)


class _Spline:
    """Monotone cubic through keys, at rest at both ends (Fritsch and Butland 1984)."""

    def __init__(self, keys: list[tuple[float, float]]) -> None:
        # Plain numbers: one at a time they are ten times as fast as numpy's.
        self._times, self._values = ([float(key[i]) for key in keys] for i in (0, 1))
        widths = [after - before for before, after in pairwise(self._times)]
        rises = [after - before for before, after in pairwise(self._values)]
        slopes = [rise / width for rise, width in zip(rises, widths, strict=True)]
        self._tangents = [0.0] * len(keys)
        for i in range(1, len(keys) - 1):
            before, after = slopes[i - 1], slopes[i]
            if before * after > 0:
                w1, w2 = 2 * widths[i] + widths[i - 1], widths[i] + 2 * widths[i - 1]
                self._tangents[i] = (w1 + w2) / (w1 / before + w2 / after)

    def __call__(self, time_s: float) -> float:
        if time_s <= self._times[0]:
            return self._values[0]
        if time_s >= self._times[-1]:
            return self._values[-1]
        i = bisect_right(self._times, time_s) - 1
        width = self._times[i + 1] - self._times[i]
        x = (time_s - self._times[i]) / width
        low, high = self._values[i], self._values[i + 1]
        rise = low + (high - low) * x * x * (3 - 2 * x)
        lean = x * (1 - x) * ((1 - x) * self._tangents[i] - x * self._tangents[i + 1])
        return rise + width * lean


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
