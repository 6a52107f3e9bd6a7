from pathlib import Path

import pytest

from frame_app.base.errors import ConfigError
from frame_app.config.model import FrameSettings
from frame_app.config.store import SettingsStore


def write(path: Path, data: bytes) -> None:
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(data)


@pytest.fixture
def store(tmp_path: Path) -> SettingsStore:
    return SettingsStore(tmp_path / "frame.toml", tmp_path / "state" / "changes.toml", write)


def test_without_files_the_shipped_defaults_are_in_force(store: SettingsStore) -> None:
    loaded = store.load()
    assert loaded.settings == FrameSettings()
    assert loaded.problems == ()


def test_the_users_file_wins_over_defaults_and_changes_win_over_it(
    store: SettingsStore, tmp_path: Path
) -> None:
    (tmp_path / "frame.toml").write_text("[window]\nstrength = 0.5\nscreen_width_m = 0.7\n")
    store.change("window", "strength", 0.25)
    window = store.load().settings.window
    assert (window.strength, window.screen_width_m) == (0.25, 0.7)


def test_unknown_keys_and_tables_are_named_and_the_rest_is_used(
    store: SettingsStore, tmp_path: Path
) -> None:
    path = tmp_path / "frame.toml"
    path.write_text("odd = 1\n[picture]\nglow = 3\nfit = 'cover'\n[disco]\nlights = true\n")
    loaded = store.load()
    assert loaded.settings.picture.fit == "cover"
    assert [str(path) in problem for problem in loaded.problems] == [True] * 3
    text = "\n".join(loaded.problems)
    assert all(word in text for word in ("odd", "picture.glow", "[disco]"))


@pytest.mark.parametrize(
    "line", ["brightness = 2.0", "brightness = 'dark'", "fit = 'round'", "mat = 'red'"]
)
def test_a_bad_value_becomes_the_default_with_a_problem(
    store: SettingsStore, tmp_path: Path, line: str
) -> None:
    (tmp_path / "frame.toml").write_text(f"[picture]\n{line}\nfade_s = 3.0\n")
    loaded = store.load()
    assert loaded.settings.picture == FrameSettings().picture.model_copy(update={"fade_s": 3.0})
    assert len(loaded.problems) == 1
    assert line.split(maxsplit=1)[0] in loaded.problems[0]


def test_a_torn_file_is_left_out_with_a_problem(store: SettingsStore, tmp_path: Path) -> None:
    (tmp_path / "frame.toml").write_text("[picture\n")
    loaded = store.load()
    assert loaded.settings == FrameSettings()
    assert "frame.toml" in loaded.problems[0]


def test_a_change_that_is_out_of_bounds_is_refused_and_nothing_is_written(
    store: SettingsStore, tmp_path: Path
) -> None:
    with pytest.raises(ConfigError, match=r"picture\.brightness"):
        store.change("picture", "brightness", 7.0)
    assert not (tmp_path / "state").exists()


def test_changes_survive_a_restart_and_texts_keep_their_quotes(
    store: SettingsStore, tmp_path: Path
) -> None:
    store.change("picture", "mat", "#202020")
    store.change("library", "shuffle", value=True)
    again = SettingsStore(
        tmp_path / "frame.toml", tmp_path / "state" / "changes.toml", write
    ).load()
    assert again.settings.picture.mat == "#202020"
    assert again.settings.library.shuffle is True
    assert again.problems == ()


def test_a_torn_changes_file_is_named_and_the_next_change_mends_it(
    store: SettingsStore, tmp_path: Path
) -> None:
    changes = tmp_path / "state" / "changes.toml"
    write(changes, b"[picture]\nfit = 'cov\x00")
    (problem,) = store.load().problems
    assert "changes.toml" in problem
    store.change("picture", "fit", "cover")
    assert store.load() == store.load()
    assert store.load().problems == ()
    assert store.load().settings.picture.fit == "cover"


def test_a_reset_leaves_the_other_changes(store: SettingsStore, tmp_path: Path) -> None:
    (tmp_path / "frame.toml").write_text("[window]\nstrength = 0.5\n")
    store.load()
    store.change("window", "strength", 1.5)
    store.change("window", "drift", 0.0)
    store.reset("window", "strength")
    window = store.load().settings.window
    assert (window.strength, window.drift) == (0.5, 0.0)
