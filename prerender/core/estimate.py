"""How long steps take and how much room they need, before they are done.

Measured on two cores with `prerender run assets/demo/astronaut.png --json`; right to a factor of
two, which is what a progress bar and a look ahead need.
"""

_SECONDS = {
    "intake": 1.5,
    "restore": 1.0,
    "colourise": 0.1,
    "upscale": 0.5,
    "rebuild": 0.1,
    "matte": 3.0,
    "depth": 0.5,
    "plate": 7.0,
    "idle": 10.0,
    "gaze": 6.0,
}
_CLIP_S = 3.5

_MEGABYTES = {
    "intake": 2.0,
    "restore": 2.0,
    "colourise": 2.0,
    "upscale": 4.0,
    "rebuild": 4.0,
    "matte": 1.0,
    "depth": 2.0,
    "plate": 14.0,
    "idle": 6.0,
    "gaze": 25.0,
}
_CLIP_MB = 2.0


def expected_seconds(label: str) -> float:
    """Seconds of one core for a node."""
    return _SECONDS.get(label, _CLIP_S)


def expected_bytes(label: str) -> int:
    """Room a node's artifact takes in the store; the library takes the same for scene and clips."""
    return int(_MEGABYTES.get(label, _CLIP_MB) * 1e6)


# A run with one worker, all processes together, by tests/bench/memory.py: 404 MB on a canvas of
# 1080 x 1350, 600 MB on 1728 x 2160, 1.13 GB on 3072 x 3840.
_COMMAND_BYTES = 60e6
_WORKER_BYTES, _PIXEL_BYTES = 230e6, 87.0
_RUN_BYTES = 1.5e9  # design, section 11: what a run keeps within on a 4K canvas
_LARGE_SHARE = 1 / 16  # of the memory of a large machine, which may be taken besides


def fitting_jobs(cores: int, memory_bytes: float, canvas_px: float) -> int:
    """Workers, one per core, that fit into memory together.

    Args:
        cores: How many may be used.
        memory_bytes: Of the whole machine.
        canvas_px: Width times height.
    """
    budget = max(_RUN_BYTES, _LARGE_SHARE * memory_bytes) - _COMMAND_BYTES
    return max(1, min(cores, int(budget / (_WORKER_BYTES + _PIXEL_BYTES * canvas_px))))
