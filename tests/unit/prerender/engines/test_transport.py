"""Edges that run into a hole, drawn by hand."""

import numpy as np
import numpy.typing as npt
import pytest

from prerender.engines.transport import Continued, continue_edges

SIDE = 120
REACH = 16.0
ROWS, COLUMNS = np.mgrid[0:SIDE, 0:SIDE].astype(np.float32)
HOLE = COLUMNS > 70
GROUND, STRIPE = (0.7, 0.7, 0.65), (0.6, 0.1, 0.15)


def striped(across: npt.NDArray[np.float32], width: float = 14.0) -> npt.NDArray[np.float32]:
    """A soft stripe where `across` is near 0."""
    share = np.clip((width / 2 - np.abs(across)) / 2 + 0.5, 0, 1)[..., np.newaxis]
    return np.asarray(share * STRIPE + (1 - share) * GROUND, np.float32)


def continued(picture: npt.NDArray[np.float32]) -> Continued:
    return continue_edges(np.where(HOLE[..., np.newaxis], 0, picture), HOLE, REACH)


@pytest.mark.parametrize("slope", [0.0, 0.5, -1.0])
def test_a_stripe_goes_on_straight(slope) -> None:
    at_rim = SIDE / 2
    truth = striped((ROWS - at_rim - slope * (COLUMNS - 70)) / np.hypot(1, slope))
    seen = continued(truth)
    sure = HOLE & (seen.trust > 0.5)
    middle = (COLUMNS == 76) & (np.abs(ROWS - at_rim - 6 * slope) < 3)
    assert sure[middle].all()
    assert np.abs(seen.colour - truth)[sure].mean() < 0.04


def test_trust_fades_and_ends_where_it_has_to() -> None:
    seen = continued(striped(ROWS - SIDE / 2))
    middle = seen.trust[SIDE // 2, 71:]
    assert (np.diff(middle) <= 0.01).all()
    assert middle[4] > 0.9
    assert (middle[int(REACH) :] == 0).all()
    assert (seen.trust[~HOLE] == 0).all()


def test_an_edge_along_the_rim_and_plain_or_grainy_ground_go_on_less_far() -> None:
    along = striped(COLUMNS - 62)
    grain = np.random.default_rng(2).normal(0, 0.01, (SIDE, SIDE, 1))
    edge = continued(striped(ROWS - SIDE / 2)).trust[SIDE // 2]
    for picture in (along, np.full_like(along, 0.4), (0.5 + 0 * along + grain).astype(np.float32)):
        trust = continued(picture).trust[SIDE // 2]
        assert (trust <= edge + 0.02).all()
        assert trust[81] < 0.7 * edge[81]
        assert trust[84:].max() < 0.05


def test_plain_ground_goes_on_in_its_colour() -> None:
    picture = np.full((SIDE, SIDE, 3), (0.4, 0.35, 0.2), np.float32)
    picture[: SIDE // 2] = (0.8, 0.8, 0.75)
    seen = continued(picture)
    sure = HOLE & (seen.trust > 0.5)
    assert sure[:, 72].all()
    assert np.abs(seen.colour - picture)[sure & (np.abs(ROWS - SIDE / 2) > 3)].max() < 0.02


def test_what_the_hole_held_does_not_matter() -> None:
    picture = striped(ROWS - SIDE / 2)
    other = np.where(HOLE[..., np.newaxis], np.float32(0.3), picture)
    for one, two in zip(continued(picture), continue_edges(other, HOLE, REACH), strict=True):
        np.testing.assert_array_equal(one, two)
