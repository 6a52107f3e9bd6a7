"""How many workers fit."""

import pytest

from prerender.core.estimate import fitting_jobs

GB = 1e9


@pytest.mark.parametrize(
    ("cores", "memory", "canvas", "jobs"),
    [
        (2, 4 * GB, (1080, 1350), 2),
        (4, 8 * GB, (1728, 2160), 2),
        (2, 24 * GB, (3072, 3840), 1),
        (1, 64 * GB, (1080, 1350), 1),
        (16, 64 * GB, (3072, 3840), 3),
        (2, 1 * GB, (7680, 8192), 1),
    ],
)
def test_workers_are_as_many_as_cores_and_memory_allow(cores, memory, canvas, jobs) -> None:
    assert fitting_jobs(cores, memory, canvas[0] * canvas[1]) == jobs
