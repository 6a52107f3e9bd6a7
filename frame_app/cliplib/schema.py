"""Manifest and index of the clip library, schema 1.

The library on disk is the only thing that `prerender` and `frame-app` share at run time. What
stands here is its meaning. Unknown keys are refused, so after the first release any change of
fields or meaning raises `SCHEMA`; the reader opens its own schema and older ones.

Coordinates are canvas pixels, x to the right, y down, origin at the top left corner of the canvas.
"""

import json
from enum import StrEnum
from typing import Annotated, NewType, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator
from pydantic.json_schema import models_json_schema

SCHEMA = 1

PortraitId = NewType("PortraitId", str)

NEUTRAL = "neutral"
"""The pose of the still, on which a clip starts and ends unless it says otherwise."""

Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
_NAME = r"[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*"

Slug = Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=64)]
Unit = Annotated[float, Field(ge=0.0, le=1.0)]
RelativeFile = Annotated[str, Field(pattern=rf"^{_NAME}(/{_NAME})*$")]
"""A path below the portrait's folder: no `..`, no absolute path, nothing hidden."""


class Record(BaseModel):
    """Base of all records: frozen, unknown keys refused, attribute docstrings are the schema's."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)


class Family(StrEnum):
    """What the player picks clips by; a library may hold any number of clips of one family."""

    IDLE = "idle"
    SMILE = "smile"
    LAUGH = "laugh"
    NOD = "nod"
    SHAKE = "shake"
    WINK = "wink"
    BLINK = "blink"
    SURPRISE = "surprise"
    SAD = "sad"
    LOOK = "look"
    TILT = "tilt"
    SLEEP = "sleep"
    WAKE = "wake"
    SPEAK = "speak"
    MISC = "misc"


class Lids(StrEnum):
    """State of both eyelids in a gaze sheet."""

    OPEN = "open"
    HALF = "half"
    CLOSED = "closed"


class Viseme(StrEnum):
    """Shape of the mouth of a group of speech sounds: the 15 of MPEG-4 and Oculus Lipsync."""

    SIL = "sil"
    """Silence: the mouth as in the picture."""
    PP = "PP"
    FF = "FF"
    TH = "TH"
    DD = "DD"
    KK = "kk"
    CH = "CH"
    SS = "SS"
    NN = "nn"
    RR = "RR"
    AA = "aa"
    E = "E"
    I = "I"  # noqa: E741 (the name of the sound)
    O = "O"  # noqa: E741 (as above)
    U = "U"


class FileRef(Record):
    """A file of the portrait, and what must be in it."""

    file: RelativeFile
    sha256: Sha256
    size_bytes: int = Field(ge=1)


class Size(Record):
    """Width and height in pixels; both even, since video is 4:2:0."""

    width: int = Field(ge=2, le=16384, multiple_of=2)
    height: int = Field(ge=2, le=16384, multiple_of=2)


class Box(Record):
    """A rectangle of canvas pixels; all four numbers even."""

    x: int = Field(ge=0, multiple_of=2)
    y: int = Field(ge=0, multiple_of=2)
    width: int = Field(ge=16, multiple_of=2)
    height: int = Field(ge=16, multiple_of=2)


class Point(Record):
    """A place on the canvas in pixels."""

    x: float
    y: float


class Eyes(Record):
    """Iris centres of the subject; `left` is the subject's own left eye."""

    left: Point
    right: Point


class Source(Record):
    """The photo this portrait was made from."""

    name: str
    """File name without its folder."""

    sha256: Sha256
    size_bytes: int = Field(ge=1)
    width: int = Field(ge=1)
    """Pixels as displayed, that is after EXIF orientation."""
    height: int = Field(ge=1)
    taken: str | None = None
    """ISO 8601 date and time of the exposure, if the photo says so."""
    modified: str | None = None
    """ISO 8601 date and time of the file's last change, UTC."""


class Scene(Record):
    """The still layers; all have the canvas's size."""

    plate: FileRef
    """The picture without its subject, filled; 8-bit sRGB PNG."""

    plate_depth: FileRef
    """16-bit grey PNG, 0 = farthest, 65535 = nearest."""

    subject: FileRef
    """The subject in its neutral pose; straight alpha, colours clean beyond the edge."""

    subject_depth: FileRef
    """16-bit grey PNG on the scale of `plate_depth`, continued beyond the subject's outline."""


class Parallax(Record):
    """What the living window may do with this scene."""

    max_shift: Unit = 0.03
    """Largest way of the nearest against the farthest point, as a fraction of the canvas width."""

    pivot: Unit = 0.5
    """Nearness of the plane that stays where it is when the viewer moves."""


class Jump(Record):
    """Two frames of one clip that look alike: after `source`, `target` may follow (Schödl 2000)."""

    source: int = Field(ge=0)
    target: int = Field(ge=0)
    cost: float = Field(ge=0.0)
    """Root mean square difference of the two pictures in the actor box, 0..255."""


class Clip(Record):
    """One moving picture of the actor box: colour above, matte below, in one H.264 stream.

    The video is `actor_box.width` wide and twice `actor_box.height` high, 4:2:0, BT.709, limited
    range; the matte is the luma of the lower half, with neutral chroma, from 16 to 235.
    """

    name: Slug
    family: Family
    mood: Slug | None = None
    """Of an idle clip: `calm`, `bright`, `dreamy`, or what the owner calls it; None suits all."""

    video: FileRef
    frames: int = Field(ge=1)
    fps: float = Field(gt=0.0, le=120.0)
    start_pose: Slug = NEUTRAL
    end_pose: Slug = NEUTRAL
    exits: tuple[int, ...] = ()
    """Frames close enough to neutral to leave from, rising."""

    jumps: tuple[Jump, ...] = ()
    loop: bool = False
    """The last frame may be followed by the first."""

    scores: dict[str, float] = {}
    """What was measured on the finished clip."""

    @model_validator(mode="after")
    def _frames_exist(self) -> Self:
        named = [*self.exits, *(j.source for j in self.jumps), *(j.target for j in self.jumps)]
        if any(not 0 <= frame < self.frames for frame in named):
            msg = f"clip {self.name} names a frame outside 0..{self.frames - 1}"
            raise ValueError(msg)
        if list(self.exits) != sorted(set(self.exits)):
            msg = f"the exits of clip {self.name} are not in rising order"
            raise ValueError(msg)
        return self

    @property
    def duration_s(self) -> float:
        """How long the clip plays, in seconds."""
        return self.frames / self.fps


class GazeSheet(Record):
    """One frame per direction and lid state; every frame is a key frame.

    Frame `(lid * rows + row) * columns + column` looks `yaw_deg[column]` to the side and
    `pitch_deg[row]` up or down, with the lids of `lids[lid]`. Same picture layout as a clip.
    """

    video: FileRef
    yaw_deg: tuple[float, ...] = Field(min_length=1)
    """One per column, rising; negative looks to the left of the picture as the viewer sees it."""

    pitch_deg: tuple[float, ...] = Field(min_length=1)
    """One per row, rising; negative looks down."""

    lids: tuple[Lids, ...] = Field(min_length=1)
    """Begins with `open`."""

    scores: dict[str, float] = {}
    """What was measured on the finished sheet."""

    @model_validator(mode="after")
    def _grid_rises(self) -> Self:
        for axis in (self.yaw_deg, self.pitch_deg):
            if list(axis) != sorted(set(axis)):
                msg = "the angles of a gaze sheet must rise"
                raise ValueError(msg)
        if self.lids[0] is not Lids.OPEN or len(set(self.lids)) != len(self.lids):
            msg = "the lids of a gaze sheet begin with open and name each state once"
            raise ValueError(msg)
        return self

    @property
    def frames(self) -> int:
        """How many frames the sheet's video has."""
        return len(self.lids) * len(self.pitch_deg) * len(self.yaw_deg)

    def frame_index(self, column: int, row: int, lids: Lids) -> int:
        """The frame of a cell; raises `ValueError` if the sheet has no such lid state."""
        lid = self.lids.index(lids)
        return (lid * len(self.pitch_deg) + row) * len(self.yaw_deg) + column


class VisemeSheet(Record):
    """One frame per mouth shape and strength; every frame is a key frame.

    Frame `shape * len(strengths) + strength` shows `visemes[shape]` at `strengths[strength]`; the
    rest of the head is as in the picture. Same picture layout as a clip.
    """

    video: FileRef
    visemes: tuple[Viseme, ...] = Field(min_length=1)
    strengths: tuple[Unit, ...] = Field(min_length=1)
    """Rising to 1, which is plain speech."""

    scores: dict[str, float] = {}
    """What was measured on the finished sheet."""

    @model_validator(mode="after")
    def _names_each_once(self) -> Self:
        if len(set(self.visemes)) != len(self.visemes):
            msg = "a viseme sheet names each mouth shape once"
            raise ValueError(msg)
        if list(self.strengths) != sorted(set(self.strengths)):
            msg = "the strengths of a viseme sheet must rise"
            raise ValueError(msg)
        return self

    @property
    def frames(self) -> int:
        """How many frames the sheet's video has."""
        return len(self.visemes) * len(self.strengths)

    def frame_index(self, viseme: Viseme, strength: int) -> int:
        """The frame of a shape at a strength; raises `ValueError` if there is no such shape."""
        return self.visemes.index(viseme) * len(self.strengths) + strength


class EngineUse(Record):
    """Which engine did a stage's work, and under whose terms."""

    stage: Slug
    engine: Slug
    version: int = Field(ge=1)
    weights_sha256: Sha256 | None = None
    licence: str = "MIT"
    instead_of: str | None = None
    """The engine that was wanted, and why it could not be had; None if this is the wanted one."""


class StageNotes(Record):
    """What a stage measured and what it warns of."""

    stage: Slug
    scores: dict[str, float] = {}
    warnings: tuple[str, ...] = ()


class Consent(Record):
    """What the person shown, or their family, agreed to."""

    may_speak: bool = False
    note: str = ""


class Provenance(Record):
    """How the pictures came to be; also written into the media files' own metadata."""

    generator: str
    """Program and version."""

    ai_generated: bool
    """True if a generative neural network made any of the pixels."""

    digital_source_type: str
    """IPTC NewsCodes URI of the digital source type."""

    created: str | None = None
    """ISO 8601, UTC, of the run; None where same inputs must give the same bytes."""


class Manifest(Record):
    """portrait.json: everything the player needs to know of one portrait."""

    schema_version: int = Field(default=SCHEMA, alias="schema")
    id: Slug
    title: str = Field(min_length=1, max_length=200)
    source: Source
    canvas: Size
    actor_box: Box
    eyes: Eyes | None = None
    poster: FileRef
    scene: Scene
    clips: tuple[Clip, ...] = ()
    gaze: GazeSheet | None = None
    visemes: VisemeSheet | None = None
    """For speech; None if the recipe makes none."""

    parallax: Parallax = Parallax()
    engines: tuple[EngineUse, ...] = ()
    notes: tuple[StageNotes, ...] = ()
    consent: Consent = Consent()
    provenance: Provenance

    model_config = ConfigDict(populate_by_name=True)

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        box, canvas = self.actor_box, self.canvas
        if box.x + box.width > canvas.width or box.y + box.height > canvas.height:
            msg = "the actor box reaches over the canvas"
            raise ValueError(msg)
        names = [clip.name for clip in self.clips]
        if len(set(names)) != len(names):
            msg = "two clips have the same name"
            raise ValueError(msg)
        return self

    def stills(self) -> tuple[FileRef, ...]:
        """The poster and the layers of the scene."""
        scene = self.scene
        return (self.poster, scene.plate, scene.plate_depth, scene.subject, scene.subject_depth)

    def files(self) -> tuple[FileRef, ...]:
        """Every file the portrait consists of, apart from the manifest itself."""
        sheets = [sheet.video for sheet in (self.gaze, self.visemes) if sheet is not None]
        return (*self.stills(), *(clip.video for clip in self.clips), *sheets)


class IndexEntry(Record):
    """One portrait in the order it is shown."""

    id: Slug
    folder: Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*-[0-9a-f]{8}$")]
    """Name of its folder below `portraits/`: id and the first 8 hex digits of its content hash."""

    title: str
    poster: RelativeFile
    """Path of the poster below the portrait's folder."""

    manifest_sha256: Sha256


class Index(Record):
    """library.json: which portraits there are, in order."""

    schema_version: int = Field(default=SCHEMA, alias="schema")
    generation: int = Field(ge=0)
    """Rises by one with every publication; 0 before the first."""

    portraits: tuple[IndexEntry, ...] = ()

    model_config = ConfigDict(populate_by_name=True)

    @model_validator(mode="after")
    def _ids_are_unique(self) -> Self:
        ids = [entry.id for entry in self.portraits]
        if len(set(ids)) != len(ids):
            msg = "two portraits have the same id"
            raise ValueError(msg)
        return self


def json_schema() -> str:
    """The JSON schema of manifest and index, as shipped in config/library.schema.json."""
    _, schema = models_json_schema(
        [(Manifest, "validation"), (Index, "validation")],
        by_alias=True,
        title=f"portrait-frame clip library, schema {SCHEMA}",
    )
    return json.dumps(schema, indent=2, sort_keys=True) + "\n"
