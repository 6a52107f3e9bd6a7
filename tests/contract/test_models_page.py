"""The page for newcomers says what the catalogue says."""

import re

from frame_app.base.paths import shipped
from prerender.engines.catalogue import Model, known_models
from prerender.recipe import load_recipe

PAGE = (shipped("docs", "models.md")).read_text(encoding="utf-8")


def row(name: str, model: Model) -> str:
    licence = known_models().licence[model.licence]
    size = f"{model.bytes / 1e6:,.0f}" if all(file.bytes for file in model.files) else "?"
    if all(file.is_fetchable for file in model.files):
        comes = "fetch"
    else:
        is_known = all(file.sha256 for file in model.files)
        comes = "import" if is_known else "import, confirmed by you"
    return (
        f"| `{name}` | {model.task} | {size} | {licence.name} ({licence.kind}) "
        f"| {model.extra or 'none'} | {comes} |"
    )


def test_every_model_stands_on_the_page_with_size_and_licence() -> None:
    table = [line for line in PAGE.splitlines() if re.match(r"\| `[a-z0-9-]+` \| ", line)]
    assert table == [row(name, model) for name, model in known_models().model.items()]


def test_what_is_advised_first_is_there_with_the_right_size() -> None:
    advised = re.findall(r"^\|[^|]*\| `([a-z0-9-]+)` \| ([^|]+) \|[^|]*\(([ABC])\) \|", PAGE, re.M)
    assert len(advised) == 8
    for name, size, kind in advised:
        model = known_models().get(name)
        assert known_models().licence_of(name).kind == kind
        if all(file.bytes for file in model.files):
            assert size == f"{model.bytes / 1e6:.0f}"
        else:
            assert "not confirmed" in size


def test_premium_names_what_the_page_says_it_does() -> None:
    premium = load_recipe("premium").params
    assert str(getattr(premium["animate"], "engine", "")).startswith("liveportrait")
    assert (
        getattr(premium["animate"], "fps", 0) * getattr(premium["interpolate"], "factor", 0) == 60
    )
