from prerender.core.plan import make_plan
from prerender.recipe import load_recipe
from tests.fakes.engines import FakeEngines
from tests.fakes.runs import make_photo


def keys(photo, strength: float, **versions: int) -> dict[str, str]:
    recipe = load_recipe("fast", [f"rebuild.strength={strength}", "clips=nod", "gaze=false"])
    engines = FakeEngines(versions=tuple(versions.items()))
    return {node.label: node.key for node in make_plan(photo, recipe.blueprint(), engines).nodes}


def test_who_has_a_say_in_a_result_is_part_of_its_key(tmp_path):
    photo = make_photo(tmp_path / "a.png")
    before, after = keys(photo, 0.5), keys(photo, 0.5, identity=2)
    changed = {label for label in before if before[label] != after[label]}
    assert changed == {"rebuild", "matte", "depth", "plate", "nod"}


def test_who_is_not_asked_has_none(tmp_path):
    photo = make_photo(tmp_path / "a.png")
    assert keys(photo, 0.0) == keys(photo, 0.0, identity=2, rebuild=2, colourise=2)


def test_another_rebuilder_costs_what_comes_after_it_and_nothing_before(tmp_path):
    photo = make_photo(tmp_path / "a.png")
    before, after = keys(photo, 0.5), keys(photo, 0.5, rebuild=2)
    assert all(before[label] == after[label] for label in ("intake", "restore", "upscale"))
    assert before["rebuild"] != after["rebuild"]
