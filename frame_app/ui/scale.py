"""The values a setting can be moved through by a finger or an arrow key, and how they read."""

import math

from pydantic.fields import FieldInfo
from PySide6.QtCore import QCoreApplication, QLocale

translate = QCoreApplication.translate

_TIMES_S = (
    0.0, 0.1, 0.2, 0.3, 0.5, 0.7, 1.0, 1.5, 2.0, 3.0, 4.0, 5.0, 7.0, 10.0, 15.0, 20.0, 30.0, 45.0,
    60.0, 90.0, 120.0, 180.0, 300.0, 600.0, 900.0, 1200.0, 1800.0, 2700.0, 3600.0, 5400.0, 7200.0,
    10800.0, 14400.0, 21600.0, 28800.0, 43200.0, 86400.0,
)  # fmt: skip
_WIDE = 50.0  # a range whose ends are further apart is walked in steps that grow
_STOPS = 20  # or a few more, along an even range
_GAP = "\N{NO-BREAK SPACE}"  # a number stays with its unit
_MARKS = {
    "m": (100.0, f"{_GAP}cm"),
    "deg": (1.0, "°"),
    "hz": (1.0, f"{_GAP}Hz"),
    "mb": (1.0, f"{_GAP}MB"),
}
_QUARTERS = tuple(f"{hour:02d}:{minute:02d}" for hour in range(24) for minute in (0, 15, 30, 45))


def bounds(field: FieldInfo) -> tuple[float, float] | None:
    """Least and greatest value, if a field has both."""
    low = [float(m.ge) for m in field.metadata if hasattr(m, "ge")]
    high = [float(m.le) for m in field.metadata if hasattr(m, "le")]
    return (low[-1], high[-1]) if low and high else None


def stops(key: str, field: FieldInfo) -> tuple[float, ...]:
    """The values on the way, rising; the bounds are among them."""
    ends = bounds(field)
    if ends is None:
        return ()
    low, high = ends
    unit = key.rpartition("_")[2]
    if unit == "s":
        inner = [time for time in _TIMES_S if low < time < high]
    elif unit == "m":
        inner = _even(low, high, 0.01)
    elif unit == "deg":
        inner = _even(low, high, 1.0)
    elif high / max(low, high / 1000.0) > _WIDE and high > _WIDE:
        inner = [step for step in _decades(high) if low < step < high]
    else:
        step = _nice((high - low) / _STOPS)
        inner = _even(low, high, max(step, 1.0) if field.annotation is int else step)
    return tuple(sorted({low, *inner, high}))


def times_of_day() -> tuple[str, ...]:
    """Every quarter of an hour."""
    return _QUARTERS


def nearest(values: tuple[float, ...], value: float) -> int:
    """The position of the closest value."""
    return min(range(len(values)), key=lambda place: abs(values[place] - value))


def read_out(key: str, value: float, *, is_share: bool, locale: QLocale) -> str:
    """A value as people say it."""
    unit = key.rpartition("_")[2]
    if unit == "s":
        return _duration(value, locale)
    if unit == "min":
        return _duration(value * 60.0, locale)
    if unit == "factor":
        return f"{locale.toString(value, 'f', 2)}{_GAP}\N{MULTIPLICATION SIGN}"
    factor, mark = (100.0, f"{_GAP}%") if is_share else _MARKS.get(unit, (1.0, ""))
    return f"{_number(value * factor, locale)}{mark}"


def _duration(seconds: float, locale: QLocale) -> str:
    if seconds >= 3600.0:
        hours, minutes = divmod(round(seconds / 60.0), 60)
        text = translate("units", "%1 h").replace("%1", locale.toString(hours))
        text = text.replace(" ", _GAP)
        return f"{text}{_GAP}{minutes}{_GAP}min" if minutes else text
    if seconds >= 60.0:
        minutes, rest = divmod(round(seconds), 60)
        text = f"{minutes}{_GAP}min"
        return f"{text}{_GAP}{rest}{_GAP}s" if rest else text
    return f"{_number(seconds, locale)}{_GAP}s"


def _number(value: float, locale: QLocale) -> str:
    rounded = round(value, 2)
    text = f"{rounded:.2f}".rstrip("0").rstrip(".")
    decimals = len(text.partition(".")[2])
    return locale.toString(rounded, "f", decimals).replace("-", "−")  # noqa: RUF001 - a minus


def _nice(step: float) -> float:
    """The next of 1, 2, 5 times a power of ten, from below."""
    power = 10.0 ** math.floor(math.log10(step))
    return max(factor * power for factor in (1.0, 2.0, 5.0) if factor * power <= step * 1.0001)


def _even(low: float, high: float, step: float) -> list[float]:
    first = math.ceil(low / step)
    return [round(number * step, 6) for number in range(first, math.floor(high / step) + 1)]


def _decades(high: float) -> list[float]:
    steps = [factor * 10.0**power for power in range(-2, 6) for factor in (1.0, 2.0, 5.0)]
    return [step for step in steps if step < high]
