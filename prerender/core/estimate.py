"""How long steps take and how much room they need, before they are done.

Measured on two cores with `prerender run --json` on a picture of 1080 x 1350; right to a factor of
two, which is what a progress bar and a look ahead need.
"""

from functools import lru_cache

from prerender.portrait.motion_files import load_repertoire

_SECONDS = {
    "intake": 1.6,
    "restore": 0.9,
    "colourise": 0.1,
    "upscale": 0.2,
    "rebuild": 0.1,
    "matte": 1.3,
    "depth": 0.4,
    "plate": 1.4,
    "gaze": 5.1,
    "visemes": 1.5,
}
_CLIP_S, _PLAYED_S = 0.6, 0.65  # for a clip as such, and for each second that it plays

_MEGABYTES = {
    "intake": 2.0,
    "restore": 2.0,
    "colourise": 2.0,
    "upscale": 2.0,
    "rebuild": 2.0,
    "matte": 2.0,
    "depth": 2.0,
    "plate": 2.0,
    "gaze": 8.0,
    "visemes": 2.0,
}
_PLAYED_MB = 0.2
_USUAL_S = 4.0  # of a clip whose motion is not known here


def expected_seconds(label: str) -> float:
    """Seconds of one core for a node."""
    return _SECONDS.get(label, _CLIP_S + _PLAYED_S * _length_s(label))


def expected_bytes(label: str) -> int:
    """Room a node's artifact takes in the store; the library takes the same for scene and clips."""
    return int(_MEGABYTES.get(label, _PLAYED_MB * _length_s(label)) * 1e6)


@lru_cache(maxsize=64)
def _length_s(clip: str) -> float:
    motion = load_repertoire().motions.get(clip)
    return motion.duration_s if motion is not None else _USUAL_S


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
