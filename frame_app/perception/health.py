"""Tells a camera that shows nothing: a black picture, or one that stands still."""

from frame_app.base.arrays import ImageU8

_DARK, _FLAT = 14.0, 5.0  # mean and standard deviation, of 255: a cap, a shutter, a night
_AFTER_S = 3.0


class Health:
    """Watches the pictures themselves, not what is in them."""

    def __init__(self) -> None:
        self._last: bytes = b""
        self._moved_s: float | None = None
        self._light_s: float | None = None

    def take(self, picture: ImageU8, time_s: float) -> str:
        """What is wrong with the pictures of the last seconds, or an empty string."""
        sample = picture[::8, ::8]
        data = sample.tobytes()
        if data != self._last or self._moved_s is None:
            # The sensor of a real camera is never silent: not even the dark repeats itself.
            self._last, self._moved_s = data, time_s
        is_dark = float(sample.mean()) < _DARK and float(sample.std()) < _FLAT
        if not is_dark or self._light_s is None:
            self._light_s = time_s
        if is_dark and time_s - self._light_s >= _AFTER_S:
            return "The camera sees only black; is it covered?"
        if time_s - self._moved_s >= _AFTER_S:
            return "The camera's picture stands still."
        return ""
