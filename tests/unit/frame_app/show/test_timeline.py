from itertools import pairwise

import pytest

from frame_app.show.timeline import approach, breath, drift, smoothstep


def test_smoothstep_has_flat_ends_and_is_clamped() -> None:
    assert [smoothstep(x) for x in (-1.0, 0.0, 0.5, 1.0, 2.0)] == [0.0, 0.0, 0.5, 1.0, 1.0]
    assert smoothstep(0.01) < 0.001


def test_approach_arrives_and_does_not_pass() -> None:
    assert approach(0.0, 1.0, 0.3) == pytest.approx(0.3)
    assert approach(0.9, 1.0, 0.3) == 1.0
    assert approach(0.1, 0.0, 0.3) == 0.0


def test_breath_rises_faster_than_it_falls_and_never_leaps() -> None:
    values = [breath(number / 30.0) for number in range(30 * 60)]
    assert min(values) == pytest.approx(0.0, abs=0.01)
    assert max(values) == pytest.approx(1.0, abs=0.01)
    rising = sum(b > a for a, b in pairwise(values))
    assert 0.35 < rising / len(values) < 0.45
    assert max(abs(b - a) for a, b in pairwise(values)) < 0.04


def test_drift_stays_small_and_slow() -> None:
    ways = [drift(number / 30.0) for number in range(30 * 300)]
    assert max(abs(way.x) for way in ways) <= 1.0
    assert max(abs(way.y) for way in ways) <= 0.5
    assert max(abs(b.x - a.x) for a, b in pairwise(ways)) < 0.02
