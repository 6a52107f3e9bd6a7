import numpy as np
import pytest

from prerender.portrait.eye_shape import rising


@pytest.mark.parametrize(
    "values", [[-1.0, 0.2, 0.1, 0.1, 1.0], [0.0, 0.0, 0.0], [-1.0, 1.2, 0.9, 1.0], [3.0]]
)
def test_landmarks_that_fold_over_one_another_rise_all_the_same(values) -> None:
    found = rising(np.array(values), 1e-4)
    assert (np.diff(found) > 0).all()
    assert (found >= np.array(values)).all()


def test_what_rises_already_stays() -> None:
    values = np.linspace(-1, 1, 9)
    np.testing.assert_allclose(rising(values, 1e-4), values)
