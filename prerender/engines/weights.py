"""Weights on this machine: where they lie, whether they are what they claim, who said yes to them.

An engine asks `weights_room().open("gfpgan")` for verified files when it is built, and its spec
asks `missing` and `info` of the same name; `neural_spec` in `registry.py` ties these together.

A file is hashed once and again only when its size or time changed. Nothing here opens a connection;
`prerender.core.fetch` does, and only on the user's word.
"""

import contextlib
import fcntl
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from frame_app.base.atomic import storage_errors, write_atomic
from frame_app.base.errors import MissingExtraError, StorageError, WeightsError
from frame_app.base.hashing import bytes_sha256, file_sha256
from frame_app.base.paths import models_dir, state_dir
from prerender.engines.base import EngineId, EngineInfo
from prerender.engines.catalogue import (
    Catalogue,
    Licence,
    Model,
    Value,
    WeightsFile,
    digest_of,
    known_models,
)


@dataclass(frozen=True, slots=True)
class OpenWeights:
    """What an engine is given: verified files by role, and what they expect."""

    files: Mapping[str, Path]
    sha256: str
    """One hash for all of them; joins the cache key."""
    contract: Mapping[str, Value]
    licence: str
    digests: Mapping[str, str]
    """sha256 by role, for formats that are checked again as they are loaded."""


class WeightsRoom:
    """The folder of weights, with what the user confirmed and accepted. Any thread or process."""

    def __init__(
        self,
        catalogue: Catalogue | None = None,
        root: Path | None = None,
        state: Path | None = None,
    ) -> None:
        self._catalogue = catalogue
        self._root = root
        self._state = state

    @property
    def catalogue(self) -> Catalogue:
        """What there could be; read when first asked for."""
        return self._catalogue or known_models()

    @property
    def root(self) -> Path:
        """Where weights lie."""
        return self._root or models_dir()

    @property
    def state(self) -> Path:
        """Where it is kept what was verified, confirmed and accepted."""
        return self._state or state_dir() / "models"

    # ------------------------------------------------------------------ one file

    def path(self, file: WeightsFile) -> Path:
        """Where a file belongs, there or not."""
        return self.root / file.file

    def expected(self, file: WeightsFile) -> str:
        """The digest a file must have: the catalogue's, else the one the user confirmed."""
        return file.sha256 or str(self._read("confirmed").get(file.file, {}).get("sha256", ""))

    def sha256(self, path: Path) -> str:
        """The digest of a file as it lies there, from memory if nothing touched it since.

        Raises:
            WeightsError: it cannot be read.
        """
        try:
            stamp = _stamp(path)
            known = self._read("verified").get(str(path))
            if isinstance(known, dict) and known.get("stamp") == stamp:
                return str(known["sha256"])
            digest = file_sha256(path)
        except OSError as error:
            raise WeightsError(path, f"cannot be read ({error.strerror})") from error
        self._remember(path, stamp, digest)
        return digest

    def remember(self, path: Path, sha256: str) -> None:
        """Note the digest of a file that was just put in place, so that nobody hashes it again."""
        self._remember(path, _stamp(path), sha256)

    def forget(self, path: Path) -> None:
        """Have a file hashed anew when it is next looked at."""
        self._remember(path, [], "")

    def _remember(self, path: Path, stamp: list[int], sha256: str) -> None:
        # a folder of state that cannot be written costs the time to hash again, nothing else
        with contextlib.suppress(StorageError):
            self._write("verified", str(path), {"stamp": stamp, "sha256": sha256})

    def problem(self, file: WeightsFile) -> str:
        """What is wrong with a file, as the end of a sentence; empty if it is whole."""
        path = self.path(file)
        if not path.is_file():
            return "is not there"
        expected = self.expected(file)
        if not expected:
            return "has no known digest: confirm that of your copy with `prerender models import`"
        size = path.stat().st_size
        if file.bytes and size != file.bytes:
            less = "cut short" if size < file.bytes else "too long"
            return f"is {less}: {size:,} bytes, {file.bytes:,} expected"
        found = self.sha256(path)
        if found != expected:
            return f"is another file: sha256 {found[:12]}…, {expected[:12]}… expected"
        return ""

    def confirm(self, file: WeightsFile, sha256: str) -> None:
        """Record the digest the user vouches for; only for files the catalogue knows none of."""
        self._write("confirmed", file.file, {"sha256": sha256, "date": _now()})

    # --------------------------------------------------------------- one licence

    def accept(self, licence: str) -> None:
        """Record the user's yes to a licence, with the date and the text that was shown."""
        text = bytes_sha256(self.catalogue.licence[licence].text.encode())
        self._write("accepted", licence, {"date": _now(), "text_sha256": text})

    def withdraw(self, licence: str) -> None:
        """Take a yes back."""
        self._write("accepted", licence, {})

    def accepted(self, licence: str) -> str:
        """When the user said yes to these very terms; empty if never."""
        entry = self._read("accepted").get(licence)
        if not isinstance(entry, dict):
            return ""
        text = bytes_sha256(self.catalogue.licence[licence].text.encode())
        return str(entry.get("date", "")) if entry.get("text_sha256") == text else ""

    def is_licensed(self, name: str) -> bool:
        """Whether nothing, or a yes, stands between the user and a model."""
        licence = self.catalogue.licence_of(name)
        return not licence.needs_consent or bool(self.accepted(self.catalogue.get(name).licence))

    # ----------------------------------------------------------------- one model

    def missing(self, name: str) -> str:
        """Why a model cannot be used here, as a sentence that says what to do; empty if it can."""
        model = self.catalogue.get(name)
        for file in model.files:
            if problem := self.problem(file):
                return _file_sentence(name, model, file, problem)
        if not self.is_licensed(name):
            return _licence_sentence(model, self.catalogue.licence_of(name))
        return missing_package(model)

    def open(self, name: str) -> OpenWeights:
        """A model's files, verified.

        Raises:
            WeightsError: one is absent or not what it claims, or the licence was not accepted.
        """
        model = self.catalogue.get(name)
        for file in model.files:
            if problem := self.problem(file):
                raise WeightsError(self.path(file), problem, _advice(name, model))
        if not self.is_licensed(name):
            sentence = _licence_sentence(model, self.catalogue.licence_of(name))
            raise WeightsError(self.path(model.files[0]), sentence, advice="")
        digests = {file.role: self.expected(file) for file in model.files}
        return OpenWeights(
            files={file.role: self.path(file) for file in model.files},
            sha256=digest_of(digests),
            contract=model.contract,
            licence=self.catalogue.licence_of(name).name,
            digests=digests,
        )

    def info(self, name: str, version: int, *, generative: bool) -> EngineInfo:
        """The identity of the engine that runs a model, without loading it."""
        model = self.catalogue.get(name)
        return EngineInfo(
            id=EngineId(name),
            version=version,
            weights_sha256=digest_of({file.role: self.expected(file) for file in model.files}),
            licence=self.catalogue.licence_of(name).name,
            generative=generative,
        )

    # --------------------------------------------------------------------- state

    def _read(self, table: str) -> dict[str, Any]:
        try:
            value = json.loads((self.state / f"{table}.json").read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}  # nothing was recorded, or it was damaged: both ask again
        return value if isinstance(value, dict) else {}

    def _write(self, table: str, key: str, value: dict[str, Any]) -> None:
        path = self.state / f"{table}.json"
        with storage_errors(path):
            path.parent.mkdir(parents=True, exist_ok=True)
            with (self.state / "lock").open("w") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX)  # workers note what they verified side by side
                content = self._read(table) | {key: value}
                text = json.dumps(content, indent=1, sort_keys=True) + "\n"
                write_atomic(path, text.encode())


def _stamp(path: Path) -> list[int]:
    """Changes with the file; its change time cannot be set back by whoever alters it."""
    stat = path.stat()
    return [stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns, stat.st_ino]


def weights_room() -> WeightsRoom:
    """The user's own weights and catalogue; what engines call."""
    return WeightsRoom()


def missing_package(model: Model) -> str:
    """The first package a model needs that is not installed, as a sentence; empty if all are."""
    absent = next((name for name in model.imports if find_spec(name) is None), "")
    return str(MissingExtraError(absent, model.extra)) if absent else ""


def _file_sentence(name: str, model: Model, file: WeightsFile, problem: str) -> str:
    return f"its weights {file.file} {problem}; run: {_advice(name, model)}"


def _advice(name: str, model: Model) -> str:
    fetchable = all(file.is_fetchable for file in model.files)
    return f"prerender models {f'fetch {name}' if fetchable else 'import FILE'}"


def _licence_sentence(model: Model, licence: Licence) -> str:
    return (
        f"its licence ({licence.name}, class {licence.kind}) was not accepted; "
        f"if you agree to it, run: prerender models licences --accept-licence {model.licence}"
    )


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
