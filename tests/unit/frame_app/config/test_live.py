import pytest

from frame_app.base.errors import ConfigError
from frame_app.config.live import LiveSettings
from frame_app.config.model import FrameSettings


def test_a_change_is_in_force_at_once_and_told_with_what_was_before() -> None:
    live = LiveSettings(FrameSettings())
    heard: list[tuple[float, float]] = []
    live.changed.add(
        lambda before: heard.append((before.window.strength, live.now.window.strength))
    )
    live.change("window", "strength", 0.25)
    assert heard == [(1.0, 0.25)]


def test_a_change_to_the_same_value_is_told_to_nobody() -> None:
    live = LiveSettings(FrameSettings())
    live.changed.add(lambda _: pytest.fail("nothing changed"))
    live.change("window", "strength", 1.0)


def test_a_value_out_of_bounds_is_refused_and_nothing_changes() -> None:
    live = LiveSettings(FrameSettings())
    with pytest.raises(ConfigError, match=r"window\.strength"):
        live.change("window", "strength", 99.0)
    assert live.now == FrameSettings()


def test_a_reset_brings_back_what_the_user_file_says() -> None:
    live = LiveSettings(FrameSettings.model_validate({"picture": {"fit": "cover"}}))
    live.change("picture", "fit", "contain")
    live.reset("picture", "fit")
    assert live.now.picture.fit == "cover"
