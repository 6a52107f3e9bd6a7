"""Settings tables of the player: units, bounds, help.

The docstring of a field is its help in the settings panel and its comment in `config/frame.toml`.
"""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

Share = Annotated[float, Field(ge=0.0, le=1.0)]
"""A fraction, 0..1."""

Colour = Annotated[str, Field(pattern=r"^#[0-9a-fA-F]{6}$")]
"""Red, green, blue as `#rrggbb`, sRGB."""


TimeOfDay = Annotated[str, Field(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$")]
"""Local wall clock, `HH:MM`, 00:00 to 23:59."""

Weekdays = Annotated[
    str, Field(pattern=r"^((mon|tue|wed|thu|fri|sat|sun)( (mon|tue|wed|thu|fri|sat|sun))*)?$")
]
"""Days of the week with a space between them; none means every day."""

PortraitIds = Annotated[
    str, Field(pattern=r"^([a-z0-9]+(-[a-z0-9]+)*( [a-z0-9]+(-[a-z0-9]+)*)*)?$")
]
"""Ids of portraits with a space between them; none means all."""


class Settings(BaseModel):
    """Base of every table: frozen, unknown keys refused, attribute docstrings are the help."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)


class LibrarySettings(Settings):
    """[library]: which portraits hang in the frame."""

    interval_s: float = Field(default=180.0, ge=0.0, le=86400.0)
    """Seconds until the next portrait; 0 stays with one until somebody asks for another."""

    shuffle: bool = False
    """On shows the portraits in random order instead of the library's."""

    dissolve_s: float = Field(default=1.2, ge=0.1, le=10.0)
    """How long one portrait dissolves into the next."""

    look_again_s: float = Field(default=2.0, ge=0.5, le=600.0)
    """How often the library is looked at for something new."""


class PictureSettings(Settings):
    """[picture]: how a portrait sits on the panel."""

    fit: Literal["contain", "cover", "mat"] = "contain"
    """`contain` shows all of it, `cover` fills the panel and crops, `mat` leaves a margin."""

    mat: Colour = "#16130f"
    """Colour around a portrait that does not fill the panel."""

    mat_style: Literal["plain", "bevel", "line"] = "plain"
    """Edge of the mat: none, the cut edge of a cardboard mat, or a thin line."""

    mat_width: float = Field(default=0.1, ge=0.0, le=0.3)
    """Margin of `mat`, as a share of the panel's shorter side; wider below than above."""

    turn: Literal[0, 90, 180, 270] = 0
    """Degrees by which the picture is turned clockwise, for a panel that hangs turned."""

    brightness: Share = 1.0
    """Brightness of the picture by day."""

    fade_s: float = Field(default=1.5, ge=0.0, le=30.0)
    """How long the picture takes to fall asleep and to wake."""

    burn_in_shift: float = Field(default=0.003, ge=0.0, le=0.02)
    """Way of the slow circling that spares the panel, as a share of its shorter side; 0 is off."""

    max_rate_hz: float = Field(default=60.0, ge=10.0, le=240.0)
    """Most pictures drawn per second; software rendering never draws more than 30."""


class LightSettings(Settings):
    """[light]: the picture by time of day, as lamps and daylight make a print look."""

    on: bool = True
    """Off shows the picture the same by day and by night."""

    morning: TimeOfDay = "06:30"
    """When the day begins."""

    evening: TimeOfDay = "18:30"
    """When the lamps are lit."""

    night: TimeOfDay = "22:00"
    """When the house grows quiet."""

    blend_min: float = Field(default=60.0, ge=1.0, le=240.0)
    """Minutes over which one light passes into the next, around those times."""

    evening_brightness: Share = 0.8
    """Brightness in the evening, as a share of the day's."""

    night_brightness: Share = 0.55
    """Brightness at night, as a share of the day's."""

    evening_warmth: Share = 0.35
    """Warmth in the evening: 0 is daylight, 1 lamp light."""

    night_warmth: Share = 0.6
    """Warmth at night: 0 is daylight, 1 lamp light."""

    vignette: Share = 0.12
    """How much darker the corners are by day; a little more at night."""


class QuietHoursSettings(Settings):
    """[quiet_hours]: when the portrait sleeps and the panel is off; not in a window."""

    on: bool = True
    """Off leaves the panel lit day and night."""

    begins: TimeOfDay = "23:00"
    """When the portrait falls asleep."""

    ends: TimeOfDay = "06:30"
    """When it wakes; before the beginning means the next day."""

    days: Weekdays = ""
    """Days on which quiet hours begin, such as `mon tue wed thu sun`; none means every day."""

    doze_s: float = Field(default=90.0, ge=0.0, le=3600.0)
    """Seconds in which the sleeping portrait is still seen, dimly, before the panel goes dark."""

    doze_brightness: Share = 0.2
    """Brightness in those seconds."""

    power: Literal["auto", "none", "wlopm", "kscreen", "xset", "vcgencmd", "backlight"] = "auto"
    """What switches the panel off; `auto` takes the first that works, `none` leaves it black."""

    wake_s: float = Field(default=120.0, ge=10.0, le=3600.0)
    """How long a touch or a key wakes the frame in quiet hours, from the last one on."""


class ScheduleSettings(Settings):
    """[schedule]: which portraits hang at which time of day; the times are those of [light]."""

    morning: PortraitIds = ""
    """Portraits from the morning until noon, by id; none means all."""

    afternoon: PortraitIds = ""
    """Portraits from noon until the evening, by id; none means all."""

    evening: PortraitIds = ""
    """Portraits from the evening until the night, by id; none means all."""

    night: PortraitIds = ""
    """Portraits from the night until the morning, by id; none means all."""


class WindowSettings(Settings):
    """[window]: the living window, which turns with its viewer."""

    strength: float = Field(default=1.0, ge=0.0, le=2.0)
    """Depth of the window; 0 is a flat picture, 1 what the portrait was made for."""

    screen_width_m: float = Field(default=0.5, ge=0.05, le=5.0)
    """Width of the visible panel in metres; a wrong width makes the gaze miss the viewer."""

    pointer_distance_m: float = Field(default=0.8, ge=0.2, le=5.0)
    """How far before the glass the pointer stands while it is the viewer."""

    pointer_stays_s: float = Field(default=20.0, ge=1.0, le=3600.0)
    """Seconds without a move after which the pointer counts as gone."""

    easing_s: float = Field(default=0.18, ge=0.02, le=2.0)
    """Time the window takes to follow; shorter is livelier, longer calmer."""

    drift: Share = 0.35
    """How far the eye wanders by itself while nobody is there, as a share of the full way."""


class MotionSettings(Settings):
    """[motion]: small movements that the player adds to the clips."""

    breathing: Share = 0.5
    """How deep the portrait breathes while no clip does it; 0 is off."""

    blink_every_s: float = Field(default=4.0, ge=1.0, le=60.0)
    """Mean time between two blinks while the portrait looks at somebody."""

    dissolve_frames: int = Field(default=8, ge=2, le=60)
    """Frames over which one clip morphs into another that it does not continue."""

    glance: Share = 0.35
    """How often the eyes leave the viewer for a moment; 0 is a stare."""


class DecodingSettings(Settings):
    """[decoding]: memory against readiness."""

    head_frames: int = Field(default=10, ge=2, le=60)
    """Frames of every clip that stay decoded, so that it starts at once."""

    ahead_frames: int = Field(default=12, ge=4, le=120)
    """Frames decoded ahead of the one on screen."""

    gaze_cache_mb: int = Field(default=96, ge=8, le=2048)
    """Memory for decoded directions of the gaze sheet, in megabytes per portrait."""


class PerceptionSettings(Settings):
    """[perception]: the camera that notices who stands before the frame."""

    enabled: bool = True
    """Off leaves the camera closed; the portrait then lives without noticing anybody."""

    source: str = Field(default="auto", pattern=r"^(auto|\d+|/dev/.+|file:.+|folder:.+)$")
    """`auto`, a device such as `/dev/video2`, `file:VIDEO` or `folder:PICTURES`."""

    rate_hz: float = Field(default=15.0, ge=5.0, le=30.0)
    """Camera pictures looked at per second while somebody is there; more costs processor time."""

    idle_rate_hz: float = Field(default=2.0, ge=0.5, le=10.0)
    """Camera pictures looked at per second while nobody is there."""

    field_of_view_deg: float = Field(default=65.0, ge=20.0, le=150.0)
    """Angle that the camera sees along the longer side of its picture."""

    camera_x_m: float = Field(default=0.0, ge=-3.0, le=3.0)
    """How far right of the middle of the screen the lens is, in metres, seen from the front."""

    camera_y_m: float = Field(default=0.3, ge=-3.0, le=3.0)
    """How far above the middle of the screen the lens is, in metres."""

    camera_tilt_deg: float = Field(default=0.0, ge=-60.0, le=60.0)
    """How far the camera looks down; negative looks up."""

    distance_factor: float = Field(default=1.0, ge=0.4, le=2.5)
    """Corrects the measured distance of the viewer; the calibration sets it."""

    turn_deg: Literal[0, 90, 180, 270] = 0
    """How far the camera is turned clockwise, seen from behind it: on a panel hung upright,
    perhaps 90."""

    is_mirrored: bool = False
    """On for a camera that delivers mirrored pictures."""

    hold_factor: float = Field(default=1.0, ge=0.5, le=3.0)
    """How long gestures must be held, as a multiple; longer answers fewer chance gestures."""

    shows_dot: bool = True
    """A dot in the corner says while the camera watches."""


class PanelSettings(Settings):
    """[panel]: the settings panel, and words on the picture."""

    language: Literal["auto", "en", "de"] = "auto"
    """Language of the frame; `auto` is the machine's."""

    text_size: float = Field(default=1.0, ge=0.8, le=1.5)
    """Size of the panel's texts, as a multiple."""

    closes_after_s: float = Field(default=90.0, ge=15.0, le=900.0)
    """Seconds without a touch after which the panel closes by itself."""

    shows_badge: bool = True
    """A small word in the corner says that the picture is animated."""

    shows_title: bool = False
    """The portrait's title stands below it for a while when it comes to the wall."""


class FrameSettings(Settings):
    """All of `frame.toml`."""

    panel: PanelSettings = PanelSettings()
    """The settings panel, and words on the picture."""

    library: LibrarySettings = LibrarySettings()
    """Which portraits hang in the frame."""

    picture: PictureSettings = PictureSettings()
    """How a portrait sits on the panel."""

    light: LightSettings = LightSettings()
    """The picture by time of day."""

    quiet_hours: QuietHoursSettings = QuietHoursSettings()
    """When the portrait sleeps."""

    schedule: ScheduleSettings = ScheduleSettings()
    """Which portraits hang at which time of day."""

    window: WindowSettings = WindowSettings()
    """The living window."""

    motion: MotionSettings = MotionSettings()
    """Small movements that the player adds."""

    decoding: DecodingSettings = DecodingSettings()
    """Memory against readiness."""

    perception: PerceptionSettings = PerceptionSettings()
    """The camera that notices who stands before the frame."""
