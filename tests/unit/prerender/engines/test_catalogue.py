import re
from pathlib import Path

import pytest

from frame_app.base.errors import ConfigError, UsageError
from frame_app.base.paths import shipped
from prerender.engines.catalogue import (
    Catalogue,
    Format,
    LicenceClass,
    digest_of,
    known_models,
    load_catalogue,
)

SHIPPED = shipped("config", "models.toml")
A, B = "a" * 64, "b" * 64

OWN = f"""
schema = 1
[licence.mine]
name = "Mine"
class = "B"
commercial = "unclear"
text = "Ask me."
[model.sharp]
task = "upscale"
title = "Sharp"
about = "Sharpens."
licence = "mine"
licence_code = "MIT"
attribution = "me"
origin = "my disk"
[[model.sharp.file]]
role = "weights"
file = "upscale/sharp.safetensors"
format = "safetensors"
sha256 = "{A}"
sha256_source = "computed"
"""


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return load_catalogue(SHIPPED)


# Written by hand from the licences' section of each model's contract.
LICENCES = {
    "A": """realesrgan-x2plus realesrgan-x4plus realesr-general-x4v3 birefnet-portrait
        birefnet-general birefnet-general-lite depth-anything-v2-small lama lama-onnx liveportrait
        liveportrait-safetensors liveportrait-landmarks rife-4-26 film face-landmarker
        gesture-recognizer""",
    "B": """gfpgan restoreformer restoreformer-plus-plus ddcolor ddcolor-tiny isnet-general-use
        u2net-human-seg""",
    "C": "codeformer rmbg-2 depth-anything-v2-base depth-anything-v2-large arcface-w600k-r50",
}


def test_every_model_has_the_licence_class_that_its_contract_states(catalogue: Catalogue) -> None:
    found: dict[str, set[str]] = {"A": set(), "B": set(), "C": set()}
    for name in catalogue.model:
        found[catalogue.licence_of(name).kind].add(name)
    assert found == {kind: set(names.split()) for kind, names in LICENCES.items()}


def test_only_a_permissive_licence_needs_no_yes(catalogue: Catalogue) -> None:
    for licence in catalogue.licence.values():
        assert licence.needs_consent == (licence.kind is not LicenceClass.PERMISSIVE)
        assert licence.commercial == "yes" or licence.needs_consent


def test_what_is_fetched_comes_over_an_encrypted_line_from_a_pinned_place(
    catalogue: Catalogue,
) -> None:
    fetchable = [f for m in catalogue.model.values() for f in m.files if f.is_fetchable]
    assert len(fetchable) > 25
    for file in fetchable:
        assert re.match(r"https://[a-z.]+/", file.url), file.url
        assert "/resolve/main/" not in file.url or file.sha256


def test_formats_that_can_run_code_are_only_used_with_a_pinned_digest(
    catalogue: Catalogue,
) -> None:
    files = [file for model in catalogue.model.values() for file in model.files]
    assert all(file.sha256 for file in files if file.format is Format.TORCHSCRIPT)


def test_the_liveportrait_files_are_those_of_its_contract(catalogue: Catalogue) -> None:
    model = catalogue.get("liveportrait")
    assert [file.role for file in model.files] == [
        "appearance", "motion", "warping", "generator", "stitching",
    ]  # fmt: skip
    assert model.bytes == 3_387_959 + 112_545_506 + 182_180_086 + 221_813_590 + 2_393_098


def test_an_unknown_model_is_a_mistake_and_says_what_there_is(catalogue: Catalogue) -> None:
    with pytest.raises(UsageError, match=r"no model gpfgan; there are: .*gfpgan"):
        catalogue.get("gpfgan")


def test_a_users_own_models_join_and_replace_those_that_ship(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    assert "sharp" not in known_models().model
    own = tmp_path / "portrait-frame" / "models.toml"
    own.parent.mkdir()
    own.write_text(OWN)
    assert known_models().licence_of("sharp").text == "Ask me."
    assert "gfpgan" in known_models().model
    own.write_text(OWN.replace("model.sharp", "model.gfpgan"))
    assert known_models().get("gfpgan").title == "Sharp"


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ("schema = 1", "schema = 2", "schema"),
        ('title = "Sharp"', 'title = "Sharp"\ncolour = "red"', "colour"),
        ('licence = "mine"', 'licence = "yours"', "there is no licence yours"),
        ('class = "B"', 'class = "D"', "licence.mine.class"),
        ("upscale/sharp", "../sharp", "not a relative path"),
        ("upscale/sharp", "/etc/sharp", "not a relative path"),
        (A, "abc", "64 lower-case hex digits"),
        ('sha256_source = "computed"', "", "do not agree"),
        ('origin = "my disk"', 'origin = "my disk"\nstatus = "default"', "permissive licence"),
        ("upscale/sharp.safetensors", "restore/GFPGANv1.4.pth", "two models name the file"),
        ("[licence.mine]", "[model.nothing]\n[licence.mine]", "model.nothing"),
        ("schema = 1", "schema = ", "not a readable catalogue"),
        ("schema = 1", "schema = 1\nmodels = 3", "unknown key models"),
        ("schema = 1", "schema = 1\nlicence = 3", "not a readable catalogue"),
    ],
)
def test_a_catalogue_that_does_not_hang_together_is_refused_by_name(
    tmp_path: Path, old: str, new: str, complaint: str
) -> None:
    path = tmp_path / "models.toml"
    assert OWN.count(old) == 1
    path.write_text(OWN.replace(old, new))
    with pytest.raises(ConfigError, match=re.escape(complaint)) as caught:
        load_catalogue(SHIPPED, path)
    assert caught.value.path == path


def test_a_missing_catalogue_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="not a readable catalogue"):
        load_catalogue(tmp_path / "nothing.toml")


def test_the_digest_of_a_model_depends_on_every_file_and_its_role() -> None:
    assert digest_of({"weights": A}) == A
    both = digest_of({"encoder": A, "decoder": B})
    assert both == digest_of({"decoder": B, "encoder": A})
    assert both != digest_of({"encoder": B, "decoder": A})
    assert both != digest_of({"encoder": A, "decoder": A})
