"""Settings tables of the player: units, bounds, help.

The docstring of a field is its help in the settings panel and its comment in `config/frame.toml`.
"""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

Share = Annotated[float, Field(ge=0.0, le=1.0)]
"""A fraction, 0..1."""

Colour = Annotated[str, Field(pattern=r"^#[0-9a-fA-F]{6}$")]
"""Red, green, blue as `#rrggbb`, sRGB."""


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

    fit: Literal["contain", "cover"] = "contain"
    """`contain` shows the whole portrait on its mat, `cover` fills the panel and crops."""

    mat: Colour = "#16130f"
    """Colour around a portrait that does not fill the panel."""

    brightness: Share = 1.0
    """Brightness of the picture while somebody may look at it."""

    asleep_brightness: Share = 0.0
    """Brightness in quiet hours; 0 is black."""

    fade_s: float = Field(default=1.5, ge=0.0, le=30.0)
    """How long the picture takes to fall asleep and to wake."""

    max_rate_hz: float = Field(default=60.0, ge=10.0, le=240.0)
    """Most pictures drawn per second; software rendering never draws more than 30."""


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


class FrameSettings(Settings):
    """All of `frame.toml`."""

    library: LibrarySettings = LibrarySettings()
    """Which portraits hang in the frame."""

    picture: PictureSettings = PictureSettings()
    """How a portrait sits on the panel."""

    window: WindowSettings = WindowSettings()
    """The living window."""

    motion: MotionSettings = MotionSettings()
    """Small movements that the player adds."""

    decoding: DecodingSettings = DecodingSettings()
    """Memory against readiness."""

    perception: PerceptionSettings = PerceptionSettings()
    """The camera that notices who stands before the frame."""
