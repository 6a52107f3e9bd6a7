"""`prerender motions`, run in this process."""

import json
import sys

import pytest

from prerender.cli import common
from prerender.cli.main import main
from prerender.core import pool
from prerender.portrait.pose import PARAMETERS
from tests.fakes.engines import FakeEngines
from tests.fakes.executor import InlineExecutor
from tests.fakes.runs import make_photo


@pytest.fixture
def motions(monkeypatch, capsys):
    """Run `prerender motions ...`: exit code, stdout, stderr."""
    monkeypatch.setattr(common, "RegisteredEngines", FakeEngines)
    monkeypatch.setattr(pool, "WorkerPool", lambda jobs: InlineExecutor())

    def call(*words: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["prerender", "motions", *words])
        with pytest.raises(SystemExit) as left:
            main()
        out, err = capsys.readouterr()
        assert "Traceback" not in err
        return int(left.value.code or 0), out, err

    return call


def test_the_list_tells_name_family_mood_length_and_what_it_is(motions) -> None:
    code, out, _ = motions("list")
    assert code == 0
    (dreamy,) = (line for line in out.splitlines() if line.startswith("idle-dreamy"))
    assert "idle dreamy" in dreamy
    assert "14.0 s loop" in dreamy
    assert "a far gaze" in dreamy


def test_the_list_comes_as_json_too(motions) -> None:
    _, out, _ = motions("list", "--json")
    rows = {row["name"]: row for row in json.loads(out)["motions"]}
    assert rows["sleep"]["end_pose"] == "asleep"
    assert rows["nod"]["duration_s"] == 2.7


def test_parameters_are_listed_with_their_ranges(motions) -> None:
    _, out, _ = motions("list", "--parameters")
    assert len(out.splitlines()) == len(PARAMETERS)
    assert "-25 to 25    head turn, degrees" in out


def test_a_preview_leaves_a_video_and_a_sheet(motions, tmp_path) -> None:
    photo, out = make_photo(tmp_path / "anna.png"), tmp_path / "out"
    code, said, _ = motions(
        *("preview", "nod", "--photo", str(photo), "--out", str(out)),
        *("--side", "256", "--store", str(tmp_path / "store")),
    )
    assert code == 0
    assert sorted(path.name for path in out.iterdir()) == ["anna-nod.mp4", "anna-nod.png"]
    assert str(out / "anna-nod.mp4") in said


@pytest.mark.parametrize(
    ("words", "code", "sentence"),
    [
        (("preview", "juggle", "--photo", "x.png"), 2, "no motion juggle; known are: asleep"),
        (("preview", "nod"), 2, "--photo"),
        (("preview", "nod", "--photo", "none.png"), 4, "does not exist"),
    ],
)
def test_a_preview_that_cannot_be_says_why(motions, words, code, sentence) -> None:
    found, out, err = motions(*words)
    assert (found, sentence in out + err) == (code, True)
