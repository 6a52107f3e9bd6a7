from pathlib import Path

import pytest

from frame_app.base import paths


def test_what_ships_is_found_in_a_checkout() -> None:
    assert paths.shipped("config", "library.schema.json").is_file()


def test_places_follow_the_xdg_variables(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("CONFIG", "DATA", "CACHE", "STATE"):
        monkeypatch.setenv(f"XDG_{name}_HOME", str(tmp_path / name.lower()))
    assert paths.config_dir() == tmp_path / "config/portrait-frame"
    assert paths.library_dir() == tmp_path / "data/portrait-frame/library"
    assert paths.inbox_dir() == tmp_path / "data/portrait-frame/inbox"
    assert paths.models_dir() == tmp_path / "data/portrait-frame/models"
    assert paths.store_dir() == tmp_path / "cache/portrait-frame/store"
    assert paths.state_dir() == tmp_path / "state/portrait-frame"
