"""`prerender models`, as a user types it, against a server on this machine."""

import hashlib
import json
import os
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from frame_app.base.paths import config_dir, models_dir, state_dir
from prerender.cli.main import main
from prerender.core.fetch import OFFLINE
from tests.fakes.web import Web, serving
from tests.fakes.weights import WeightsFolder

NET, TWIN = b"net" * 1000, b"twin" * 1000

CATALOGUE = """
schema = 1
[licence.ask-me]
name = "Ask Me Licence"
class = "B"
commercial = "unclear"
text = "Ask me before you sell it."
[model.free-net]
task = "upscale"
title = "Free"
about = "Sharpens."
licence = "mit"
licence_code = "MIT"
attribution = "me"
origin = "here"
[[model.free-net.file]]
role = "weights"
file = "upscale/free.pth"
format = "state-dict"
bytes = 3000
sha256 = "{net}"
sha256_source = "computed"
url = "{url}/net"
[model.asked-net]
task = "matte"
title = "Asked"
about = "Cuts out."
licence = "ask-me"
licence_code = "MIT"
attribution = "me"
origin = "here"
[[model.asked-net.file]]
role = "weights"
file = "matte/asked.pth"
format = "state-dict"
bytes = 4000
sha256 = "{twin}"
sha256_source = "computed"
url = "{url}/twin"
[model.unknown-net]
task = "depth"
title = "Unknown"
about = "Measures."
licence = "mit"
licence_code = "MIT"
attribution = "me"
origin = "a friend"
[[model.unknown-net.file]]
role = "weights"
file = "depth/unknown.pth"
format = "state-dict"
[[model.unknown-net.file]]
role = "config"
file = "depth/unknown.json"
format = "json"
"""


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


@pytest.fixture
def web(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Web]:
    WeightsFolder.at(tmp_path, monkeypatch)
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    monkeypatch.delenv(OFFLINE, raising=False)
    with serving() as web:
        web.body = NET
        own = config_dir() / "models.toml"
        own.parent.mkdir(parents=True)
        own.write_text(CATALOGUE.format(net=sha256(NET), twin=sha256(TWIN), url=web.url("")))
        yield web


@pytest.fixture
def models(web, monkeypatch, capsys):
    """Run `prerender models ...`: exit code, stdout, stderr."""

    def call(*words: str | Path) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["prerender", "models", *map(str, words)])
        with pytest.raises(SystemExit) as left:
            main()
        out, err = capsys.readouterr()
        assert "Traceback" not in err
        return int(left.value.code or 0), out, err

    return call


def listed(models, name: str) -> dict[str, object]:
    code, out, _ = models("list", "--json")
    assert code == 0
    return next(row for row in json.loads(out)["models"] if row["id"] == name)


def test_fetch_brings_a_model_and_list_says_that_it_is_ready(models, web) -> None:
    assert listed(models, "free-net")["installed"] is False
    code, out, err = models("fetch", "free-net")
    assert (code, out) == (0, "free-net: ready\n")
    assert "free.pth: 0.0 of 0.0 MB" in err
    assert (models_dir() / "upscale/free.pth").read_bytes() == NET
    row = listed(models, "free-net")
    assert (row["installed"], row["verified"], row["usable"]) == (True, True, True)
    code, out, _ = models("list", "--installed")
    assert "free-net" in out
    assert "ready" in out
    assert "asked-net" not in out


def test_list_shows_each_model_with_its_task_size_and_licence(models) -> None:
    code, out, _ = models("list", "--task", "matte")
    assert code == 0
    for word in ("birefnet-portrait", "973", "A mit", "rmbg-2", "C cc-by-nc-4", "asked-net"):
        assert word in out
    assert "free-net" not in out
    assert "- not here: prerender models fetch ID" in out
    code, _, err = models("list", "--task", "painting")
    assert code == 2
    assert "no model is for painting; there are models for: animate, colourise" in err
    code, out, _ = models("list", "--task", "depth")
    assert "unknown-net" in out
    assert "?" in out


def test_terms_are_shown_and_need_a_yes_before_anything_is_fetched(models, web) -> None:
    web.body = TWIN
    code, _, err = models("fetch", "asked-net")
    assert code == 2
    for word in (
        "Ask Me Licence, class B",
        "Ask me before you sell it.",
        "--accept-licence ask-me",
    ):
        assert word in err
    assert web.asked == []
    code, out, _ = models("fetch", "asked-net", "--accept-licence", "ask-me")
    assert code == 0
    assert "asked-net: ready" in out
    date = json.loads((state_dir() / "models/accepted.json").read_text())["ask-me"]["date"]
    code, out, _ = models("licences")
    assert f"ask-me: Ask Me Licence, class B, accepted {date}" in out
    assert "s-lab-1: S-Lab License 1.0, class C, not accepted" in out


def test_a_yes_can_be_taken_back(models, web) -> None:
    web.body = TWIN
    models("fetch", "asked-net", "--accept-licence", "ask-me")
    code, out, err = models("licences", "--withdraw", "ask-me")
    assert (code, out) == (0, "")  # the terms of all others are not asked for
    assert "licence ask-me: your yes is taken back; asked-net will not be used" in err
    assert "mit: needs no yes" in models("licences", "--withdraw", "mit")[2]
    row = listed(models, "asked-net")
    assert (row["verified"], row["usable"]) == (True, False)
    assert "was not accepted" in str(row["why_not"])
    code, out, _ = models("licences", "--accept-licence", "ask-me", "--json")
    assert code == 0
    assert next(row for row in json.loads(out)["licences"] if row["id"] == "ask-me")["accepted"]
    assert listed(models, "asked-net")["usable"] is True


@pytest.mark.parametrize("option", ["--accept-licence", "--withdraw"])
def test_a_licence_that_does_not_exist_is_a_mistake(models, option) -> None:
    code, _, err = models("licences", option, "gpl")
    assert code == 2
    assert "there is no licence gpl; there are: mit" in err


def test_another_file_from_the_server_is_refused(models, web) -> None:
    web.body = TWIN[:3000]
    code, _, err = models("fetch", "free-net")
    assert code == 3
    assert "gave another file" in err
    assert not (models_dir() / "upscale/free.pth").exists()


def test_one_model_that_fails_does_not_keep_the_others_away(models, web) -> None:
    code, out, err = models("fetch", "unknown-net", "free-net")
    assert code == 2
    assert "unknown-net: depth/unknown.pth has no pinned digest" in err
    assert "free-net: ready" in out


def test_offline_fetches_nothing(models, web, monkeypatch) -> None:
    monkeypatch.setenv(OFFLINE, "1")
    code, _, err = models("fetch", "free-net")
    assert code == 2
    assert "nothing is fetched here" in err
    assert web.asked == []


def test_a_recipe_names_what_to_fetch(models, web, tmp_path) -> None:
    recipe = tmp_path / "mine.toml"
    stages = """[stage.upscale]
engine = "free-net, realesrgan-x2plus, auto"
[stage.depth]
engine = "unknown-net, auto"
"""
    recipe.write_text(f'clips = ["idle"]\n{stages}')
    code, out, _ = models("fetch", "--recipe", recipe)
    assert (code, out) == (0, "free-net: ready\n")
    recipe.write_text('clips = ["idle"]\n')
    code, _, err = models("fetch", "--recipe", recipe)
    assert code == 2
    assert "names no model to fetch" in err


def test_fetch_of_nothing_is_a_mistake(models) -> None:
    assert models("fetch")[0] == 2
    code, _, err = models("fetch", "nothing-net")
    assert code == 2
    assert "there is no model nothing-net" in err


def test_import_knows_files_by_their_digest_whatever_their_name(models, web, tmp_path) -> None:
    stick = tmp_path / "stick"
    (stick / "deep").mkdir(parents=True)
    (stick / "deep" / "download (1).bin").write_bytes(NET)
    (stick / "holiday.mp4").write_bytes(b"film")
    with zipfile.ZipFile(stick / "pack.zip", "w") as archive:
        archive.writestr("models/a.onnx", TWIN)
        archive.writestr("models/readme.txt", "hello")
    code, out, _ = models("import", stick)
    assert code == 0
    assert f"download (1).bin is now {models_dir() / 'upscale/free.pth'}" in out
    assert f"pack.zip/models/a.onnx is now {models_dir() / 'matte/asked.pth'}" in out
    assert "free-net: ready" in out
    assert "asked-net: its licence" in out
    assert (models_dir() / "matte/asked.pth").read_bytes() == TWIN
    code, out, _ = models("import", stick)
    assert out.count("is here already") == 2
    assert web.asked == []


def test_a_file_that_nobody_knows_is_named_with_its_digest(models, tmp_path) -> None:
    stranger = tmp_path / "model.pth"
    stranger.write_bytes(NET[:-1])
    code, _, err = models("import", stranger)
    assert code == 3
    assert f"{stranger} is none of the known files, or is damaged: sha256 {sha256(NET[:-1])}" in err


def test_a_folder_without_weights_says_so(models, tmp_path) -> None:
    (tmp_path / "empty").mkdir()
    code, _, err = models("import", tmp_path / "empty")
    assert code == 3
    assert "no known weights were found" in err
    code, _, err = models("import", tmp_path / "gone")
    assert code == 3
    assert "cannot be read (No such file" in err


def test_a_file_whose_digest_nobody_knows_comes_in_on_the_users_word(models, tmp_path) -> None:
    brought, config = tmp_path / "u.pth", tmp_path / "u.json"
    brought.write_bytes(b"unknown")
    config.write_bytes(b"{}")
    digest = sha256(b"unknown")
    code, _, err = models("import", brought, "--as", "unknown-net")
    assert code == 2
    assert "unknown-net:weights, unknown-net:config" in err
    code, _, err = models("import", brought, "--as", "unknown-net:weights")
    assert code == 2
    assert f"7 bytes and sha256 {digest}" in err
    assert f"--confirm {digest}" in err
    code, _, err = models("import", brought, "--as", "unknown-net:weights", "--confirm", "a" * 64)
    assert code == 2
    assert "names another digest" in err
    as_weights = ("--as", "unknown-net:weights", "--confirm", digest.upper())
    code, out, _ = models("import", brought, *as_weights)
    assert code == 0
    assert "unknown.json is not there" in out
    code, out, _ = models(
        "import", config, "--as", "unknown-net:config", "--confirm", sha256(b"{}")
    )
    assert "unknown-net: ready" in out
    (models_dir() / "depth/unknown.pth").write_bytes(b"altered")
    assert models("verify")[0] == 3
    assert models("import", brought)[0] == 0  # it is known by now
    assert models("verify")[0] == 0


def test_as_is_only_for_what_nobody_knows(models, tmp_path) -> None:
    (tmp_path / "n").write_bytes(NET)
    code, _, err = models("import", tmp_path / "n", "--as", "free-net")
    assert code == 2
    assert "import it without --as" in err
    code, _, err = models("import", tmp_path, "--as", "free-net")
    assert code == 2
    assert "exactly one file" in err


def test_verify_reads_everything_anew(models, web, tmp_path) -> None:
    models("fetch", "free-net")
    code, out, _ = models("verify")
    assert code == 0
    assert "1 of 1 files are whole" in out
    path = models_dir() / "upscale/free.pth"
    stat = path.stat()
    path.write_bytes(b"N" + NET[1:])
    os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    code, out, _ = models("verify", "--json")
    assert code == 3
    (problem,) = json.loads(out)["problems"]
    assert problem["file"] == "upscale/free.pth"
    assert "is another file" in problem["problem"]
    code, out, _ = models("verify", "unknown-net")
    assert code == 3
    assert "depth/unknown.pth is not there" in out


def test_remove_deletes_files_and_halves(models, web) -> None:
    models("fetch", "free-net")
    half = models_dir() / "upscale/.free.pth.0123456789ab.part"
    half.write_bytes(b"half")
    code, out, _ = models("remove", "free-net")
    assert code == 0
    assert "Free: 0.0 MB freed" in out
    assert list(models_dir().rglob("*.p*")) == []
    assert models("remove", "free-net")[1] == "Free: is not here\n"


def test_a_catalogue_of_ones_own_that_is_wrong_is_a_sentence(models) -> None:
    (config_dir() / "models.toml").write_text("schema = 1\n[model.a]\ntask = 3\n")
    code, _, err = models("list")
    assert code == 2
    assert "models.toml: model.a" in err


def test_what_import_cannot_write_stops_it(models, tmp_path, web) -> None:
    (tmp_path / "n").write_bytes(NET)
    models_dir().parent.mkdir(parents=True, exist_ok=True)
    models_dir().write_text("a file where a folder should be")
    code, _, err = models("import", tmp_path / "n")
    assert code == 6
    assert "cannot be written" in err
