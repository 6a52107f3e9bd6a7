"""What settings, their choices and events are called on screen, in the language of the frame.

English stands here and in the docstrings of `config.model`; `translations/` holds the rest. What
has no words of its own yet is called what its key says.
"""

from collections.abc import Iterator

from pydantic.fields import FieldInfo
from PySide6.QtCore import QCoreApplication, QLocale

from frame_app.base.paths import shipped
from frame_app.config.behaviours import load_behaviours
from frame_app.config.model import FrameSettings, Settings
from frame_app.config.store import Value

CONTEXT = "settings"
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

_SECTIONS = {
    "panel": "This panel",
    "library": "Taking turns",
    "picture": "Picture",
    "light": "Light by time of day",
    "quiet_hours": "Quiet hours",
    "schedule": "Portraits by time of day",
    "window": "Living window",
    "motion": "Movement",
    "decoding": "Memory",
    "perception": "Camera and visitors",
}
_TITLES = {
    "panel.language": "Language",
    "panel.text_size": "Text size",
    "panel.closes_after_s": "Close by itself",
    "panel.shows_badge": "Badge “animated”",
    "panel.shows_title": "Title of the portrait",
    "library.interval_s": "Time for each portrait",
    "library.shuffle": "Random order",
    "library.dissolve_s": "Dissolve",
    "library.look_again_s": "Look for new portraits",
    "picture.fit": "Fit",
    "picture.mat": "Colour of the mat",
    "picture.mat_style": "Edge of the mat",
    "picture.mat_width": "Width of the mat",
    "picture.turn": "Turn the picture",
    "picture.brightness": "Brightness",
    "picture.fade_s": "Falling asleep and waking",
    "picture.burn_in_shift": "Burn-in protection",
    "picture.max_rate_hz": "Most pictures per second",
    "light.on": "Follow the time of day",
    "light.morning": "Morning",
    "light.evening": "Evening",
    "light.night": "Night",
    "light.blend_min": "Passing over",
    "light.evening_brightness": "Brightness in the evening",
    "light.night_brightness": "Brightness at night",
    "light.evening_warmth": "Warmth in the evening",
    "light.night_warmth": "Warmth at night",
    "light.vignette": "Darker corners",
    "quiet_hours.on": "Quiet hours",
    "quiet_hours.begins": "From",
    "quiet_hours.ends": "Until",
    "quiet_hours.days": "Days",
    "quiet_hours.doze_s": "Dozing off",
    "quiet_hours.doze_brightness": "Brightness while dozing",
    "quiet_hours.power": "Switching the panel off",
    "quiet_hours.wake_s": "Awake after a touch",
    "schedule.morning": "In the morning",
    "schedule.afternoon": "In the afternoon",
    "schedule.evening": "In the evening",
    "schedule.night": "At night",
    "window.strength": "Depth",
    "window.screen_width_m": "Width of the panel",
    "window.pointer_distance_m": "Distance of the pointer",
    "window.pointer_stays_s": "Pointer left behind",
    "window.easing_s": "Calm",
    "window.drift": "Drift while nobody is there",
    "motion.breathing": "Breathing",
    "motion.blink_every_s": "Blinks",
    "motion.dissolve_frames": "Morph between clips",
    "motion.glance": "Glances away",
    "decoding.head_frames": "Frames kept ready",
    "decoding.ahead_frames": "Frames decoded ahead",
    "decoding.gaze_cache_mb": "Memory for the gaze",
    "perception.enabled": "Camera",
    "perception.source": "Which camera",
    "perception.rate_hz": "Pictures per second with visitors",
    "perception.idle_rate_hz": "Pictures per second alone",
    "perception.field_of_view_deg": "Angle of view",
    "perception.camera_x_m": "Camera to the right",
    "perception.camera_y_m": "Camera above the middle",
    "perception.camera_tilt_deg": "Camera looks down",
    "perception.distance_factor": "Correction of the distance",
    "perception.turn_deg": "Camera is turned",
    "perception.is_mirrored": "Camera mirrors",
    "perception.hold_factor": "Patience with gestures",
    "perception.shows_dot": "Dot while it watches",
}
_HELP = {
    "panel.language": "Automatic is the language of the machine.",
    "panel.closes_after_s": "Time without a touch after which this panel closes.",
    "library.interval_s": "Time until the next portrait comes.",
    "library.shuffle": "Portraits come in random order.",
    "picture.fit": "Whole shows all of it, Fill crops it to the panel, With margin leaves a mat.",
    "picture.turn": "For a panel that hangs turned; clockwise.",
    "quiet_hours.ends": "When it wakes.",
    "quiet_hours.days": "Evenings on which quiet hours begin; none chosen means every day.",
    "quiet_hours.power": "What switches the panel off; automatic takes the first that works.",
    "schedule.morning": "Portraits from the morning until noon; none chosen means all.",
    "schedule.afternoon": "Portraits from noon until the evening; none chosen means all.",
    "schedule.evening": "Portraits from the evening until the night; none chosen means all.",
    "schedule.night": "Portraits from the night until the morning; none chosen means all.",
    "light.evening_warmth": "0 % is daylight, 100 % is lamp light.",
    "light.night_warmth": "0 % is daylight, 100 % is lamp light.",
    "window.strength": "0 % is a flat picture, 100 % what the portrait was made for.",
    "perception.distance_factor": "Multiplies the measured distance of the visitor.",
    "perception.turn_deg": "Clockwise, seen from behind; on a panel hung upright perhaps 90°.",
}
"""Where the help in `config.model`, written for a file, would puzzle somebody before a panel."""
_CHOICES: dict[str, dict[Value, str]] = {
    "panel.language": {"auto": "Automatic", "en": "English", "de": "Deutsch"},
    "picture.fit": {"contain": "Whole", "cover": "Fill", "mat": "With margin"},
    "picture.mat_style": {"plain": "Plain", "bevel": "Bevel", "line": "Line"},
    "picture.turn": {0: "0°", 90: "90°", 180: "180°", 270: "270°"},
    "perception.turn_deg": {0: "0°", 90: "90°", 180: "180°", 270: "270°"},
    "quiet_hours.power": {"auto": "Automatic", "none": "Only black"},
}
_SPECIAL: dict[str, dict[Value, str]] = {
    "library.interval_s": {0.0: "only by hand"},
    "picture.burn_in_shift": {0.0: "off"},
    "picture.fade_s": {0.0: "at once"},
    "motion.breathing": {0.0: "off"},
    "motion.glance": {0.0: "never"},
    "window.strength": {0.0: "flat"},
    "window.drift": {0.0: "off"},
    "light.vignette": {0.0: "off"},
}
_ALL = {"quiet_hours": "every day", "schedule": "all"}
_GESTURES = {
    "smile": "Smile",
    "nod": "Nod",
    "wave": "Wave",
    "swipe_left": "Swipe left",
    "swipe_right": "Swipe right",
    "open_palm": "Open palm",
    "closed_fist": "Fist",
    "thumb_up": "Thumb up",
    "thumb_down": "Thumb down",
    "victory": "Victory",
    "pointing_up": "Pointing up",
    "i_love_you": "Love",
    "laugh": "Laugh",
    "shake": "Shake the head",
    "wink": "Wink",
    "surprise": "Surprise",
    "look_around": "Look around",
    "viewer_came": "Somebody comes",
    "viewer_left": "Somebody leaves",
    "viewer_stayed": "Somebody stays",
    "alone": "Nobody is there",
    "time": "At a time of day",
    "portrait_shown": "A portrait is hung",
    "quiet_hours_near": "Quiet hours are near",
    "idle": "Idle",
    "look": "Look",
    "blink": "Blink",
    "sleep": "Sleep",
    "wake": "Wake up",
    "sad": "Sad",
    "tilt": "Tilt the head",
}
_CLIPS = (
    "Bright", "Dreamy", "Soft", "Left", "Right", "Up", "Down", "Around", "Double", "Slow", "Half",
    "Asleep", "Saccades",
)  # fmt: skip
"""What the shipped motions are called after their family."""
_STAGES = {
    "intake": "Reading the photo",
    "restore": "Restoring",
    "upscale": "Enlarging",
    "matte": "Cutting out",
    "depth": "Depth",
    "plate": "Filling the background",
    "animate": "Movement",
    "interpolate": "In-between pictures",
    "encode": "Video",
    "judge": "Looking it over",
}


def _say(text: str) -> str:
    return QCoreApplication.translate(CONTEXT, text)


def said(text: str) -> str:
    """A text from a configuration file: translated if it is one that the frame ships with."""
    return _say(text) if text else ""


def section(table: str) -> str:
    """Heading of a table's rows."""
    return _say(_SECTIONS.get(table, _spelled(table)))


def title(name: str) -> str:
    """Title of a setting, by `table.key`."""
    return _say(_TITLES.get(name, _spelled(name.partition(".")[2])))


def help_of(name: str, field: FieldInfo) -> str:
    """The help of a setting: its docstring, without the marks of code."""
    return _say(_HELP.get(name) or _flat(field)).replace("`", "")


def choice(name: str, value: Value) -> str:
    """One of the values that a setting may have."""
    return _say(_CHOICES.get(name, {}).get(value, str(value)))


def special(name: str, value: Value) -> str:
    """A value that means something else than its number, or an empty string."""
    words = _SPECIAL.get(name, {}).get(value, "")
    return _say(words) if words else ""


def all_of(table: str) -> str:
    """What an empty set of a table means."""
    return _say(_ALL.get(table, "all"))


def event(name: str) -> str:
    """A gesture, or what happened."""
    return _say(_GESTURES.get(name, _spelled(name)))


def clip(name: str, family: str) -> str:
    """A clip: by its family, with its own name where it has another."""
    text, own = event(family), _spelled(name.removeprefix(f"{family}-"))
    return text if name == family else f"{text}: {_say(own)}"


def stage(name: str) -> str:
    """A step of making a portrait."""
    return _say(_STAGES.get(name, _spelled(name)))


def weekday(place: int) -> str:
    """The short name of a day; 0 is Monday. Qt knows them."""
    return QLocale().dayName(place + 1, QLocale.FormatType.ShortFormat)


def _spelled(name: str) -> str:
    text = name.replace("_", " ").replace("-", " ")
    return text[:1].upper() + text[1:]


def _flat(field: FieldInfo) -> str:
    return " ".join((field.description or "").split())


def sources() -> Iterator[str]:
    """Every English text of this module, the settings and the behaviours, for `translate_build`."""
    for table, field in FrameSettings.model_fields.items():
        if isinstance(field.default, Settings):
            yield _SECTIONS.get(table, _spelled(table))
            for key, setting in type(field.default).model_fields.items():
                yield _TITLES.get(f"{table}.{key}", _spelled(key))
                yield _HELP.get(f"{table}.{key}") or _flat(setting)
    for words in (*_CHOICES.values(), *_SPECIAL.values()):
        yield from words.values()
    for rule in load_behaviours(shipped("config", "behaviours.toml")).behaviour:
        yield rule.title
    yield from _ALL.values()
    yield from _GESTURES.values()
    yield from _CLIPS
    yield from _STAGES.values()
