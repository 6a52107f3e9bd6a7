"""The commands, run in this process with fakes behind them."""

import json
import os
import signal
import sys
from datetime import datetime
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image

from frame_app.base.errors import UsageError
from prerender.cli import common, inspect
from prerender.cli.common import deadline_of
from prerender.cli.main import main
from prerender.core import pool
from prerender.pipeline import Pipeline
from tests.fakes.engines import FakeEngines
from tests.fakes.executor import InlineExecutor
from tests.fakes.runs import SMALL, make_photo, tree

SETS = [word for change in SMALL for word in ("--set", change)]


@pytest.fixture
def command(tmp_path, monkeypatch, capsys):
    """Run `prerender ...` with library and store below tmp_path: exit code, stdout, stderr."""
    monkeypatch.setattr(common, "RegisteredEngines", FakeEngines)
    monkeypatch.setattr(pool, "WorkerPool", lambda jobs: InlineExecutor())
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))

    def call(*words: str | Path) -> tuple[int, str, str]:
        places = []
        if words[0] in {"run", "plan"}:
            places = ["--library", str(tmp_path / "library"), "--store", str(tmp_path / "store")]
            places += SETS
        if words[0] == "library":
            words = (*words, "--library", tmp_path / "library")
        monkeypatch.setattr(
            sys, "argv", ["prerender", str(words[0]), *places, *map(str, words[1:])]
        )
        with pytest.raises(SystemExit) as left:
            main()
        out, err = capsys.readouterr()
        assert "Traceback" not in err
        return int(left.value.code or 0), out, err

    return call


def test_plan_says_which_engine_is_not_the_one_that_was_wanted(
    command, tmp_path, monkeypatch
) -> None:
    photo = make_photo(tmp_path / "a.png")
    monkeypatch.setattr(common, "RegisteredEngines", lambda: FakeEngines(keen="matte"))
    code, out, _ = command("plan", photo)
    assert code == 0
    assert "networks take longer" in out
    failed = FakeEngines(keen="matte", barred="has no weights")
    monkeypatch.setattr(common, "RegisteredEngines", lambda: failed)
    code, out, _ = command("plan", photo)
    assert code == 0
    assert "note: keen has no weights" in out
    assert "networks take longer" not in out


def test_run_publishes_and_says_what_to_do_next(command, tmp_path) -> None:
    code, out, err = command("run", make_photo(tmp_path / "a.png"))
    assert code == 0
    assert f"frame-app --library {tmp_path / 'library'}" in out
    assert "clip idle done" in err
    assert "published as a-" in err


def test_run_as_json_is_one_document_and_nothing_else(command, tmp_path) -> None:
    photo = make_photo(tmp_path / "a.png")
    code, out, err = command("run", photo, "--json")
    document = json.loads(out)
    assert (code, err) == (0, "")
    (portrait,) = document["portraits"]
    assert portrait["status"] == "made"
    assert {stage["label"] for stage in portrait["stages"]} >= {"intake", "plate", "idle", "gaze"}
    assert not any(stage["cached"] for stage in portrait["stages"])
    assert document["exit_code"] == 0
    code, out, _ = command("run", photo, "--json")
    assert json.loads(out)["portraits"][0]["status"] == "unchanged"


def reports(tmp_path: Path) -> list[Path]:
    return sorted(tmp_path.glob("state/portrait-frame/reports/*/report.html"))


def test_a_run_leaves_a_report_and_the_command_finds_it(command, tmp_path) -> None:
    photo = make_photo(tmp_path / "a.png")
    _, out, _ = command("run", photo)
    (page,) = reports(tmp_path)
    assert str(page) in out
    code, out, _ = command("report")
    assert code == 0
    assert "1 made" in out
    assert str(page) in out
    _, out, _ = command("report", page, "--json")
    assert json.loads(out) == json.loads((page.parent / "report.json").read_text())


def test_a_run_in_which_nothing_changed_leaves_none(command, tmp_path) -> None:
    photo = make_photo(tmp_path / "a.png")
    command("run", photo)
    before = tree(tmp_path)
    command("run", photo)
    assert tree(tmp_path) == before


def test_a_report_goes_where_it_is_wanted(command, tmp_path) -> None:
    command("run", make_photo(tmp_path / "a.png"), "--report", tmp_path / "mine")
    assert (tmp_path / "mine" / "report.html").is_file()
    assert reports(tmp_path) == []
    code, out, _ = command("report", tmp_path / "mine")
    assert code == 0
    assert "1 made" in out


def test_no_report_is_a_sentence(command, tmp_path) -> None:
    code, _, err = command("report")
    assert code == 2
    assert "there is no report" in err


def test_quiet_says_nothing_unless_something_fails(command, tmp_path) -> None:
    assert command("run", make_photo(tmp_path / "a.png"), "--quiet") == (0, "", "")
    code, out, err = command("run", tmp_path / "none.png", "--quiet")
    assert (code, out) == (4, "")
    assert "none.png: does not exist" in err


def test_an_inbox_is_taken_whole(command, tmp_path) -> None:
    inbox = tmp_path / "inbox"
    for number, name in enumerate(["b.png", "a.png"]):
        make_photo(inbox / name, number)
    (inbox / "notes.txt").write_text("not a photo")
    code, out, _ = command("run", "--inbox", inbox, "--json")
    assert code == 0
    assert [Path(p["photo"]).name for p in json.loads(out)["portraits"]] == ["a.png", "b.png"]


# One line per way of failing: files, words, exit code, and words of the sentence.
@pytest.mark.parametrize(
    ("words", "code", "sentence"),
    [
        (["run"], 2, "name a photo"),
        (["run", "none.png"], 4, "does not exist"),
        (["run", "empty.jpg"], 4, "is empty"),
        (["run", "text.jpg"], 4, "not a picture"),
        (["run", "."], 4, "is a folder"),
        (["run", "--inbox", "nowhere"], 4, "does not exist"),
        (["run", "--inbox", "bare"], 0, "nothing to do"),
        (["plan", "--inbox", "bare"], 0, "about 0 s"),
        (["run", "good.png", "--recipe", "slow"], 2, "no recipe slow; known are: fast, full"),
        (["run", "good.png", "--recipe", "torn.toml"], 2, "not a readable TOML"),
        (["run", "good.png", "--recipe", "odd.toml"], 2, "unknown key"),
        (["run", "good.png", "--set", "depth"], 2, "stage.key=value"),
        (["run", "good.png", "--set", "deep.gamma=1"], 2, "no stage deep"),
        (["run", "good.png", "--set", "depth.gama=1"], 2, "gama: unknown key"),
        (["run", "good.png", "--set", "depth.gamma=9"], 2, "less than or equal to 4"),
        (["run", "good.png", "--set", "depth.gamma=much"], 2, "valid number"),
        (["run", "good.png", "--set", "depth.engine=magic"], 2, "no engine magic"),
        (["run", "good.png", "--set", "clips=idle,fly"], 2, "no clip fly"),
        (["run", "good.png", "--face", "5"], 4, "no face 5"),
        (["run", "good.png", "--face", "ugliest"], 2, "face"),
        (["run", "good.png", "--until", "noon"], 2, "HH:MM"),
        (["run", "good.png", "other.png", "--title", "x"], 2, "one portrait"),
        (["run", "good.png", "--jobs", "-3"], 2, "jobs"),
        (["run", "good.png", "none.png"], 1, "does not exist"),
        (["plan", "none.png"], 4, "does not exist"),
        (["library", "list"], 5, "does not exist"),
        (["library", "verify"], 5, "does not exist"),
        (["library", "remove", "x"], 5, "no portrait x"),
        (["frobnicate"], 2, "frobnicate"),
    ],
)
def test_each_fault_has_a_sentence_and_its_exit_code(
    command, tmp_path, monkeypatch, words, code, sentence
) -> None:
    monkeypatch.chdir(tmp_path)
    make_photo(Path("good.png"))
    make_photo(Path("other.png"), 2)
    Path("empty.jpg").touch()
    Path("text.jpg").write_text("hello")
    Path("torn.toml").write_text("clips = [")
    Path("odd.toml").write_text('clips = ["idle"]\nspeed = "fast"\n')
    Path("bare").mkdir()
    found, out, err = command(*words)
    assert found == code, (out, err)
    assert sentence in (out + err).replace("\n", " ")


def test_a_failing_photo_in_json_carries_its_sentence_and_code(command, tmp_path) -> None:
    code, out, _ = command("run", make_photo(tmp_path / "a.png"), tmp_path / "none.png", "--json")
    document = json.loads(out)
    assert code == document["exit_code"] == 1
    failed = next(entry for entry in document["portraits"] if entry["error"])
    assert failed["error"]["kind"] == "PictureError"
    assert failed["error"]["exit_code"] == 4


def test_ctrl_c_leaves_with_130(command, tmp_path, monkeypatch) -> None:
    def interrupted(self, photos, observer):
        os.kill(os.getpid(), signal.SIGINT)
        return iter(())

    monkeypatch.setattr(Pipeline, "run", interrupted)
    code, _, err = command("run", make_photo(tmp_path / "a.png"))
    assert code == 130
    assert "interrupted" in err


def test_plan_shows_what_is_cached_and_writes_nothing(command, tmp_path) -> None:
    photo = make_photo(tmp_path / "a.png")
    code, out, _ = command("plan", photo, "--json")
    assert code == 0
    assert not (tmp_path / "library").exists()
    assert not (tmp_path / "store").exists()
    (shown,) = json.loads(out)["photos"]
    assert not shown["published"]
    assert [step["label"] for step in shown["steps"]][:3] == ["intake", "restore", "colourise"]
    assert not any(step["cached"] for step in shown["steps"])
    command("run", photo)
    _, out, _ = command("plan", photo, "--json")
    document = json.loads(out)
    assert document["photos"][0]["published"]
    assert all(step["cached"] for step in document["photos"][0]["steps"])
    assert document["seconds"] == 0
    code, out, _ = command("plan", photo)
    assert "nothing to do" in out


def test_library_commands_list_verify_and_collect(command, tmp_path) -> None:
    photo = make_photo(tmp_path / "a.png")
    command("run", photo, "--title", "Aunt Mary")
    code, out, _ = command("library", "list", "--json")
    assert [entry["title"] for entry in json.loads(out)["portraits"]] == ["Aunt Mary"]
    code, out, _ = command("library", "list")
    assert "Aunt Mary" in out
    code, out, _ = command("library", "verify")
    assert (code, "is whole" in out) == (0, True)
    (video,) = (tmp_path / "library").glob("portraits/*/clips/idle.mp4")
    whole = video.read_bytes()
    video.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
    code, out, _ = command("library", "verify", "--json")
    assert code == 5
    assert json.loads(out)["problems"][0]["file"].endswith("idle.mp4")
    video.write_bytes(whole)
    code, out, _ = command("library", "remove", "a")
    assert code == 0
    code, out, _ = command("library", "gc")
    assert code == 0
    _, out, _ = command("library", "list", "--json")
    assert json.loads(out)["portraits"] == []


def test_preview_writes_a_sheet_and_a_video_of_every_clip(command, tmp_path) -> None:
    command("run", make_photo(tmp_path / "a.png"))
    before = tree(tmp_path / "library")
    code, _, _ = command("library", "preview", "--out", tmp_path / "look")
    assert code == 0
    names = {path.name for path in (tmp_path / "look").iterdir()}
    assert names == {"a.png", "a-idle.mp4", "a-smile.mp4", "a-gaze.mp4"}
    with av.open(str(tmp_path / "look" / "a-idle.mp4")) as container:
        assert sum(1 for _ in container.decode(video=0)) == 15
    sheet = np.asarray(Image.open(tmp_path / "look" / "a.png"))
    assert sheet.std() > 20
    assert tree(tmp_path / "library") == before
    code, _, err = command("library", "preview", "b", "--out", tmp_path / "look")
    assert code == 2
    assert "no portrait b" in err


def test_preview_skips_a_clip_that_is_no_video_with_a_sentence(command, tmp_path) -> None:
    command("run", make_photo(tmp_path / "a.png"))
    (video,) = (tmp_path / "library").glob("portraits/*/clips/idle.mp4")
    video.write_bytes(b"\0" * video.stat().st_size)
    code, out, err = command("library", "preview", "--out", tmp_path / "look")
    assert "idle.mp4: is not a video" in out + err
    assert code == 5
    assert (tmp_path / "look" / "a-smile.mp4").exists()


def test_inspect_lists_faces_with_their_numbers(command, tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(inspect, "RegisteredEngines", lambda: FakeEngines(faces_found=3))
    photo = make_photo(tmp_path / "group.png")
    code, out, _ = command("inspect", photo, "--json")
    assert code == 0
    document = json.loads(out)
    assert [face["number"] for face in document["faces"]] == [1, 2, 3]
    assert all(set(face) >= {"verdict", "suitability", "abilities"} for face in document["faces"])
    code, out, _ = command("inspect", photo, "--sheet", tmp_path / "faces.png")
    assert str(tmp_path / "faces.png") in out
    with Image.open(tmp_path / "faces.png") as sheet:
        assert sheet.width == 1080
    assert "--face" in out
    assert "face 1, on the left, will" in out
    assert max(len(line) for line in out.splitlines()[1:]) < 120


def test_inspect_of_a_picture_without_a_face_says_so(command, tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(inspect, "RegisteredEngines", lambda: FakeEngines(faces_found=0))
    code, _, err = command("inspect", make_photo(tmp_path / "view.png"))
    assert code == 4
    assert "no face" in err


def test_inspect_of_several_photos_goes_on_after_a_bad_one(command, tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(inspect, "RegisteredEngines", lambda: FakeEngines(faces_found=2))
    first, last = make_photo(tmp_path / "a.png"), make_photo(tmp_path / "c.png")
    (tmp_path / "b.jpg").write_text("no picture")
    code, out, err = command("inspect", first, tmp_path / "b.jpg", last)
    assert code == 4
    assert [line.split(":")[0] for line in out.splitlines() if ".png:" in line] == [
        str(first),
        str(last),
    ]
    assert err.count("prerender: ") == 1
    assert "b.jpg" in err
    code, out, _ = command("inspect", first, tmp_path / "b.jpg", last, "--json")
    assert code == 4
    assert [document["photo"] for document in json.loads(out)] == [str(first), str(last)]


def test_a_sheet_of_several_photos_is_refused(command, tmp_path) -> None:
    photo = make_photo(tmp_path / "a.png")
    code, _, err = command("inspect", photo, photo, "--sheet", tmp_path / "faces.png")
    assert code == 2
    assert "one photo" in err
    assert not (tmp_path / "faces.png").exists()


NOW = datetime(2026, 11, 20, 22, 15)


@pytest.mark.parametrize(
    ("text", "day", "hour", "minute"), [("23:00", 20, 23, 0), ("06:30", 21, 6, 30)]
)
def test_a_deadline_is_the_next_time_the_clock_shows_it(text, day, hour, minute) -> None:
    found = deadline_of(text, NOW)
    assert found is not None
    assert (found.day, found.hour, found.minute) == (day, hour, minute)


def test_no_deadline_and_a_wrong_one() -> None:
    assert deadline_of("", NOW) is None
    with pytest.raises(UsageError):
        deadline_of("25:00", NOW)
