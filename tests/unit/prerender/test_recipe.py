import re
import tomllib
from pathlib import Path

import pytest

from frame_app.base.errors import ConfigError, UsageError
from frame_app.base.paths import shipped
from prerender.core.stage import GAZE_SHEET
from prerender.engines.specs import ALL_SPECS
from prerender.recipe import load_recipe
from prerender.stages import STAGES
from prerender.stages.animate import AnimateParams
from prerender.stages.depth import DepthParams

SHIPPED = sorted(shipped("config", "recipes").glob("*.toml"))


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_a_shipped_recipe_names_and_explains_every_field(path: Path) -> None:
    recipe = load_recipe(path.stem)
    table = tomllib.loads(path.read_text())
    lines = path.read_text().splitlines()
    for stage in STAGES:
        fields = table["stage"][stage.name]
        assert fields.keys() == stage.params_type.model_fields.keys()
        assert recipe.params[stage.name].model_dump(mode="json") == fields
    for number, line in enumerate(lines):
        key = re.match(r"(\w+) = ", line)
        if key and key.group(1) not in {"engine", "description", "sheet_crf", "max_side_px"}:
            assert lines[number - 1].startswith("#"), f"{path.name}: {line} has no comment"


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_every_engine_that_a_shipped_recipe_names_exists(path: Path) -> None:
    recipe = load_recipe(path.stem)
    for stage in STAGES:
        wanted = str(getattr(recipe.params[stage.name], "engine", "auto"))
        known = {"auto", *(spec.id for spec in ALL_SPECS if spec.task == stage.task)}
        assert {name.strip() for name in wanted.split(",")} <= known, stage.name
        # where weights are missing a shipped recipe goes on
        assert wanted.rsplit(",", maxsplit=1)[-1].strip() in {"auto", "builtin"}


def test_the_shipped_defaults_are_the_models_defaults() -> None:
    recipe = load_recipe("fast")
    for stage in STAGES:
        assert recipe.params[stage.name] == stage.params_type()


def test_a_recipe_becomes_stages_in_order_and_clips_with_the_sheet_last() -> None:
    blueprint = load_recipe("fast").blueprint()
    assert [stage.name for stage, _ in blueprint.steps] == [stage.name for stage in STAGES]
    assert blueprint.clips[0] == "idle"
    assert blueprint.clips[-1] == GAZE_SHEET
    assert GAZE_SHEET not in load_recipe("fast", ["gaze=false"]).blueprint().clips


def test_changes_are_read_as_toml_or_words() -> None:
    recipe = load_recipe(
        "fast",
        ["depth.gamma=1.5", "stage.animate.seed=7", "depth.engine=builtin", "clips=idle,nod"],
    )
    depth, animate = recipe.params["depth"], recipe.params["animate"]
    assert isinstance(depth, DepthParams)
    assert isinstance(animate, AnimateParams)
    assert (depth.gamma, depth.engine, animate.seed) == (1.5, "builtin", 7)
    assert recipe.clips == ("idle", "nod")


def test_a_user_s_recipe_comes_before_a_shipped_one(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr("prerender.recipe.config_dir", lambda: tmp_path)
    (tmp_path / "recipes").mkdir()
    (tmp_path / "recipes" / "fast.toml").write_text('clips = ["nod"]\n')
    assert load_recipe("fast").clips == ("nod",)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("clips = []", "clips"),
        ('clips = ["idle", "idle"]', "named once"),
        ('clips = ["gaze"]', "asked for by gaze"),
        ('clips = ["Idle!"]', "clips"),
        ("clips = 3", "clips"),
        ("\x00", "not a readable TOML"),
    ],
)
def test_a_faulty_recipe_is_named_with_its_fault(tmp_path, text, words) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(text)
    with pytest.raises(ConfigError, match=words) as caught:
        load_recipe(str(path))
    assert str(path) in str(caught.value)


def test_an_unknown_stage_or_field_is_wrong_use() -> None:
    with pytest.raises(UsageError, match="no stage teeth; known are: intake"):
        load_recipe("fast", ["teeth.white=1"])
    with pytest.raises(UsageError, match=r"\[stage.depth\] gama: unknown key"):
        load_recipe("fast", ["depth.gama=1"])
