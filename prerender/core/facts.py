"""Small records that stages leave beside their pictures, read when the manifest is put together."""

from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ConfigDict

from frame_app.cliplib.schema import Box, Eyes, Jump, Size


class _Record(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class SourceFacts(_Record):
    """source.json of intake."""

    width: int
    height: int
    taken: str | None = None
    faces: int
    """How many were found."""


class SceneFacts(_Record):
    """scene.json of plate."""

    canvas: Size
    eyes: Eyes | None
    """None where nobody comes alive."""
    max_shift: float
    pivot: float


class GridFacts(_Record):
    """Axes of a gaze sheet."""

    yaw_deg: tuple[float, ...]
    pitch_deg: tuple[float, ...]
    lids: tuple[str, ...]


class ShapeFacts(_Record):
    """Axes of a viseme sheet."""

    visemes: tuple[str, ...]
    strengths: tuple[float, ...]


class CheckFacts(_Record):
    """One score held against what it should be; see `core.gate.Limit`."""

    score: str
    words: str
    value: float
    unit: str
    limit: float
    goal: float
    at_least: bool
    level: str
    """good, fair or poor."""
    source: str
    """Where limit and goal come from."""


class ClipFacts(_Record):
    """clip.json of encode and judge: a clip or sheet of `cliplib.schema` without its file."""

    name: str
    family: str
    mood: str | None = None
    frames: int
    fps: float
    start_pose: str
    end_pose: str
    exits: tuple[int, ...] = ()
    jumps: tuple[Jump, ...] = ()
    loop: bool = False
    scores: dict[str, float] = {}
    box: Box
    grid: GridFacts | None = None
    shapes: ShapeFacts | None = None
    jacobians: tuple[float, ...] = ()
    """Of every frame of a gaze sheet; see `ActorFrame.jacobian`."""
    amplitude: float = 1.0
    """Of the take that this is; below 1 it was rendered again more gently."""
    checks: tuple[CheckFacts, ...] = ()
    left_out: tuple[str, ...] = ()
    """Why the clip is not published; empty if it is."""


R = TypeVar("R", bound=_Record)


def save_facts(path: Path, facts: _Record) -> None:
    """Write a record as JSON."""
    path.write_text(facts.model_dump_json(indent=1))


def load_facts(path: Path, kind: type[R]) -> R:
    """Read a record of our own making."""
    return kind.model_validate_json(path.read_bytes())
