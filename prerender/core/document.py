"""report.json: what a run did, for machines; described in docs/report.md."""

import json

from pydantic import BaseModel, ConfigDict, Field
from pydantic.json_schema import models_json_schema

from frame_app.cliplib.schema import EngineUse
from prerender.core.facts import CheckFacts

REPORT_SCHEMA = 2


class _Record(BaseModel):
    model_config = ConfigDict(
        frozen=True, extra="forbid", use_attribute_docstrings=True, populate_by_name=True
    )


class Problem(_Record):
    """Why a portrait could not be made."""

    kind: str
    message: str
    exit_code: int


class Step(_Record):
    """One step of the plan: a stage, or a clip with all its stages."""

    label: str
    cached: bool
    """Whether it was in the store already."""
    seconds: float
    """What it took when it was made."""
    scores: dict[str, float] = {}


class ClipVerdict(_Record):
    """What the quality gate said of one clip or sheet."""

    name: str
    family: str
    published: bool
    amplitude: float
    """Of the motion; below 1 it was rendered again more gently."""
    reasons: tuple[str, ...] = ()
    """Why it is left out; empty if it is published."""
    checks: tuple[CheckFacts, ...] = ()


class PortraitRecord(_Record):
    """One photo of a run."""

    photo: str
    status: str
    """made, unchanged, failed or stopped."""
    id: str | None = None
    title: str | None = None
    folder: str | None = None
    """Below `portraits/` of the library."""
    seconds: float = 0.0
    warnings: tuple[str, ...] = ()
    error: Problem | None = None
    stages: tuple[Step, ...] = ()
    clips: tuple[ClipVerdict, ...] = ()
    engines: tuple[EngineUse, ...] = ()


class Document(_Record):
    """The whole file."""

    schema_version: int = Field(default=REPORT_SCHEMA, alias="schema")
    generator: str
    started: str
    """ISO 8601 with the offset of the clock on the wall."""
    seconds: float
    library: str
    recipe: str
    exit_code: int
    error: str | None = None
    """What ended the run early, if anything did."""
    portraits: tuple[PortraitRecord, ...] = ()


def json_schema() -> str:
    """The JSON schema of the report, as shipped in config/report.schema.json."""
    _, schema = models_json_schema(
        [(Document, "validation")],
        by_alias=True,
        title=f"portrait-frame report, schema {REPORT_SCHEMA}",
    )
    return json.dumps(schema, indent=2, sort_keys=True) + "\n"
