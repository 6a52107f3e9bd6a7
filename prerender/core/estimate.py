"""How long steps take and how much room they need, before they are done.

Measured on two cores with `prerender run assets/demo/astronaut.png --json`; right to a factor of
two, which is what a progress bar and a look ahead need.
"""

_SECONDS = {
    "intake": 1.5,
    "restore": 1.0,
    "upscale": 0.5,
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
    "upscale": 4.0,
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
