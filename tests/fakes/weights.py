"""A user's folder of weights with tiny files in place of the real ones.

`put` does what a user would do who has another file of the same model: it writes a table into the
user's own `models.toml` with the tiny file's size and digest, lays the file into the models folder
and, if asked, accepts the licence. Real loading code then runs, in child processes too.
"""

import json
import shutil
from collections.abc import Mapping
from pathlib import Path

import pytest

from frame_app.base.hashing import file_sha256
from frame_app.base.paths import config_dir, models_dir
from prerender.engines.catalogue import Value, known_models
from prerender.engines.weights import WeightsRoom, weights_room


class WeightsFolder:
    """See the module; lies below the XDG folders that `at` has set."""

    def __init__(self) -> None:
        self._tables: dict[str, str] = {}

    @classmethod
    def at(cls, home: Path, monkeypatch: pytest.MonkeyPatch) -> "WeightsFolder":
        """An empty one; settings, state and weights of this test go below `home`."""
        for name in ("CONFIG", "DATA", "STATE"):
            monkeypatch.setenv(f"XDG_{name}_HOME", str(home / name.lower()))
        return cls()

    @property
    def room(self) -> WeightsRoom:
        return weights_room()

    def put(
        self,
        model: str,
        files: Mapping[str, Path],
        contract: Mapping[str, Value] | None = None,
        *,
        accept: bool = True,
    ) -> None:
        """Install tiny files, by role, as a model of the catalogue.

        `contract` replaces numbers of the shipped one, for example a smaller `side`.
        """
        entry = known_models().get(model)
        table = entry.model_dump(mode="json", exclude={"files", "contract"})
        terms = {**entry.contract, **(contract or {})}
        lines = [f"[model.{model}]", *_lines(table)]
        if terms:
            lines += [f"[model.{model}.contract]", *_lines(terms)]
        for file in entry.files:
            target = models_dir() / file.file
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(files[file.role], target)
            tiny = file.model_dump(mode="json") | {
                "bytes": target.stat().st_size,
                "sha256": file_sha256(target),
                "sha256_source": "computed",
            }
            lines += [f"[[model.{model}.file]]", *_lines(tiny)]
        self._tables[model] = "\n".join(lines)
        own = config_dir() / "models.toml"
        own.parent.mkdir(parents=True, exist_ok=True)
        own.write_text("\n".join(["schema = 1", *self._tables.values(), ""]), "utf-8")
        if accept and known_models().licence_of(model).needs_consent:
            self.room.accept(entry.licence)


def _lines(table: Mapping[str, object]) -> list[str]:
    """Keys and values; what JSON writes is TOML too."""
    return [f"{key} = {json.dumps(value)}" for key, value in table.items()]
