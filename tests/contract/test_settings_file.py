"""config/frame.toml names every setting, commented, at its default."""

import tomllib

from frame_app.base.paths import shipped
from frame_app.config.model import FrameSettings
from frame_app.config.reference import reference

TEXT = shipped("config", "frame.toml").read_text(encoding="utf-8")


def test_every_setting_stands_in_the_file_at_its_default() -> None:
    assert tomllib.loads(TEXT) == FrameSettings().model_dump()


def test_the_file_is_what_make_settings_writes() -> None:
    assert reference() == TEXT, "run: make settings"


def test_every_setting_is_explained() -> None:
    lines = TEXT.splitlines()
    for number, line in enumerate(lines):
        if "=" in line and not line.startswith("#"):
            assert lines[number - 1].startswith("# "), line


def test_every_setting_has_help_for_the_panel() -> None:
    for table in FrameSettings.model_fields.values():
        for name, field in type(table.default).model_fields.items():
            assert field.description, name
