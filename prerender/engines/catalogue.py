"""Which weights exist: `config/models.toml` as frozen models that refuse unknown keys.

Source of every fact: `shared/models.md`, which cites its own.
"""

import re
import tomllib
from enum import StrEnum
from functools import lru_cache
from pathlib import Path, PurePosixPath
from typing import Annotated, Any, Literal, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    ValidationError,
    field_validator,
    model_validator,
)

from frame_app.base.errors import ConfigError, UsageError
from frame_app.base.hashing import key_of
from frame_app.base.paths import config_dir, shipped

SCHEMA = 1


def _hex(digits: int) -> AfterValidator:
    def check(value: str) -> str:
        if value and not re.fullmatch(rf"[0-9a-f]{{{digits}}}", value):
            msg = f"not {digits} lower-case hex digits"
            raise ValueError(msg)
        return value

    return AfterValidator(check)


Sha256 = Annotated[str, _hex(64)]
Md5 = Annotated[str, _hex(32)]


class _Table(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)


class LicenceClass(StrEnum):
    """What a licence allows."""

    PERMISSIVE = "A"
    CONDITIONAL = "B"
    NON_COMMERCIAL = "C"


class Licence(_Table):
    """What weights may be used for."""

    name: str = Field(min_length=1)
    kind: LicenceClass = Field(alias="class")
    """A permissive, B conditional or unclear, C non-commercial."""
    commercial: Literal["yes", "conditional", "unclear", "no"]
    text: str = Field(min_length=1)
    """The terms in short; shown before a yes is asked for."""

    @property
    def needs_consent(self) -> bool:
        """Whether the user has to say yes before the weights are used."""
        return self.kind is not LicenceClass.PERMISSIVE


class Format(StrEnum):
    """How a file holds its numbers; decides how it is opened."""

    SAFETENSORS = "safetensors"
    ONNX = "onnx"
    STATE_DICT = "state-dict"
    """Opened with `weights_only=True`, never unpickled."""
    TORCHSCRIPT = "torchscript"
    """Runs code when loaded: only with its pinned digest."""
    JSON = "json"
    TASK = "task"


class WeightsFile(_Table):
    """One file of a model."""

    role: str = Field(min_length=1)
    """What it is to its engine; unique within the model."""
    file: str
    """Path below the folder of weights."""
    format: Format
    bytes: int = Field(default=0, ge=0)
    """0: not known."""
    sha256: Sha256 = ""
    """Empty: not known, so the user has to confirm the digest of a copy."""
    sha256_source: Literal["origin", "third-party", "computed", "none"] = "none"
    md5: Md5 = ""
    """For origins that state nothing else; never taken as proof."""
    url: str = ""
    """Empty: has to be brought by hand."""

    @field_validator("file")
    @classmethod
    def _stays_below(cls, value: str) -> str:
        path = PurePosixPath(value)
        if not value or path.is_absolute() or ".." in path.parts or "\\" in value:
            msg = "not a relative path below the folder of weights"
            raise ValueError(msg)
        return value

    @model_validator(mode="after")
    def _names_a_source(self) -> Self:
        if bool(self.sha256) != (self.sha256_source != "none"):
            msg = f"{self.file}: sha256 and sha256_source do not agree"
            raise ValueError(msg)
        return self

    @property
    def is_fetchable(self) -> bool:
        """Whether `models fetch` can bring it and tell that it is the right file."""
        return bool(self.url and self.sha256)


Value = str | int | float | list[float]


class Model(_Table):
    """A set of weights that one engine loads."""

    task: str
    title: str
    about: str
    """What it does for the picture, in one sentence."""
    extra: str = ""
    """The optional dependencies that bring what it needs; empty if the plain install runs it."""
    imports: tuple[str, ...] = ()
    """Packages that have to be there; a small machine may have them without the whole extra."""
    memory_gb: float = Field(default=0.0, ge=0.0)
    """Free memory it asks for, in 10^9 bytes: an estimate, for the choice and for warnings."""
    device: Literal["any", "cuda"] = "any"
    licence: str
    """Key of the weights' licence."""
    licence_code: str
    """Of the network's code, for the record; ours is written anew or comes from a library."""
    attribution: str
    origin: str
    status: Literal["default", "optional"] = "optional"
    contract: dict[str, Value] = Field(default_factory=dict)
    """What these very files expect; read by their engine."""
    files: tuple[WeightsFile, ...] = Field(alias="file", min_length=1)

    @model_validator(mode="after")
    def _roles_differ(self) -> Self:
        roles = [file.role for file in self.files]
        if len(set(roles)) != len(roles):
            msg = "two files have one role"
            raise ValueError(msg)
        return self

    @property
    def bytes(self) -> int:
        """Of all files of known size."""
        return sum(file.bytes for file in self.files)


class Catalogue(_Table):
    """All models and licences."""

    schema_: Literal[1] = Field(alias="schema")
    licence: dict[str, Licence]
    model: dict[str, Model]

    @model_validator(mode="after")
    def _hangs_together(self) -> Self:
        files: set[str] = set()
        for name, model in self.model.items():
            if model.licence not in self.licence:
                msg = f"model {name}: there is no licence {model.licence}"
                raise ValueError(msg)
            known = all(file.sha256 for file in model.files)
            if model.status == "default" and (self.licence_of(name).needs_consent or not known):
                msg = f"model {name}: a default needs a permissive licence and known digests"
                raise ValueError(msg)
            for file in model.files:
                if file.file in files:
                    msg = f"two models name the file {file.file}"
                    raise ValueError(msg)
                files.add(file.file)
        return self

    def get(self, name: str) -> Model:
        """A model by its id; raises `UsageError` if there is none."""
        try:
            return self.model[name]
        except KeyError:
            known = ", ".join(sorted(self.model))
            msg = f"there is no model {name}; there are: {known}"
            raise UsageError(msg) from None

    def licence_of(self, name: str) -> Licence:
        """The licence of a model's weights."""
        return self.licence[self.get(name).licence]


def load_catalogue(*paths: Path) -> Catalogue:
    """Read a catalogue; a table of a later file replaces the one of the same name.

    Raises:
        ConfigError: a file cannot be read, or it does not hang together.
    """
    whole: dict[str, Any] = {"schema": SCHEMA, "licence": {}, "model": {}}
    for path in paths:
        try:
            table = tomllib.loads(path.read_text(encoding="utf-8"))
            whole["schema"] = table.pop("schema", None)
            for name in ("licence", "model"):
                whole[name] = whole[name] | table.pop(name, {})
            if table:
                raise ConfigError(path, f"unknown key {next(iter(table))}")
            Catalogue.model_validate(whole)
        except ValidationError as error:
            first = error.errors(include_url=False)[0]
            where = ".".join(str(part) for part in first["loc"])
            raise ConfigError(path, f"{where}: {first['msg']}") from error
        except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, TypeError) as error:
            raise ConfigError(path, f"is not a readable catalogue ({error})") from error
    return Catalogue.model_validate(whole)


def known_models() -> Catalogue:
    """The models that ship, and the user's own from `models.toml` beside their settings."""
    shipped_file, own = shipped("config", "models.toml"), config_dir() / "models.toml"
    paths = (shipped_file, own) if own.is_file() else (shipped_file,)
    return _remembered(tuple((path, path.stat().st_mtime_ns) for path in paths))


@lru_cache(maxsize=2)
def _remembered(paths: tuple[tuple[Path, int], ...]) -> Catalogue:
    return load_catalogue(*(path for path, _ in paths))


def digest_of(parts: dict[str, str]) -> str:
    """One hash for the files of a model, given their digests by role."""
    if len(parts) == 1:
        return next(iter(parts.values()))
    return key_of("weights", dict(parts))
