"""The lanes, without a screen: which pictures lie in the slots, and how they are mixed."""

import itertools
import random
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from pathlib import Path

import pytest

from frame_app.cliplib.reader import open_library
from frame_app.config.model import DecodingSettings, MotionSettings
from frame_app.show.decode import Planes
from frame_app.show.lanes import ClipLane
from frame_app.show.morph import NO_WAY, Way
from frame_app.show.performer import Performer, Picture
from frame_app.show.portrait import Panel, Portrait, load_portrait
from frame_app.show.sheet import SheetReader
from frame_app.show.timeline import Vec2
from tests.fakes import synthetic_library as drawn

BEAT_S = 1.0 / 30.0


@pytest.fixture
def portrait(library: Path) -> Iterator[Portrait]:
    with open_library(library) as opened:
        entry = opened.entries[0]
        loaded = load_portrait(
            opened.folder(entry),
            opened.manifest(entry),
            Panel(drawn.WIDTH, drawn.HEIGHT),
            DecodingSettings(),
        )
    while loaded.load_more():
        pass
    yield loaded
    loaded.close()
    assert loaded.join(5.0)


class Stage:
    """Moves a performer beat by beat and waits for decoders in between."""

    def __init__(self, portrait: Portrait) -> None:
        self.now_s = 10.0
        self.performer = Performer(
            portrait,
            MotionSettings(glance=0.0),
            random.Random(2),  # noqa: S311 - dice
            lambda: Vec2(0.0, 0.0),
        )

    def beat(self) -> Picture:
        self.now_s += BEAT_S
        front = self.performer._front
        if isinstance(front, ClipLane):
            due = min(front._due(self.now_s), front._run.stop - 1)
            wait(lambda: front._stream.reaches(due))
        return self.performer.advance(self.now_s)

    def clip(self, name: str) -> None:
        (clip,) = (clip for clip in self.performer.portrait.reactions if clip.name == name)
        self.performer.react((clip,), self.now_s)


def wait(is_true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 10.0
    while not is_true():
        assert time.monotonic() < deadline
        time.sleep(0.001)


@pytest.fixture
def stage(portrait: Portrait) -> Iterator[Stage]:
    made = Stage(portrait)
    yield made
    made.performer.close()


def test_before_anything_plays_there_is_no_actor(stage: Stage) -> None:
    assert stage.beat() == Picture((None, None), 0.0, breathes=True)


def test_idle_is_there_with_the_first_beat(stage: Stage) -> None:
    assert stage.performer.idle(stage.now_s, fresh=True)
    picture = stage.beat()
    assert picture.slots[int(picture.mix)] is stage.performer.portrait.heads["idle"][0]
    assert [started.name for started in stage.performer.take_started()] == ["idle"]
    assert stage.performer.take_started() == ()


def test_the_mix_of_a_dissolve_rises_from_the_first_beat_to_the_end(stage: Stage) -> None:
    stage.performer.idle(stage.now_s, fresh=True)
    before = [stage.beat() for _ in range(6)][-1]
    stage.clip("smile")
    pictures = [stage.beat() for _ in range(12)]
    weights = [p.mix if before.mix == 0.0 else 1.0 - p.mix for p in pictures]
    assert 0.0 < weights[0] < 0.1
    rising = weights[: weights.index(max(weights)) + 1]
    assert rising == sorted(rising)
    assert 7 <= len(rising) <= 9
    assert all(None not in p.slots for p in pictures)


def test_a_dissolve_waits_for_a_machine_that_was_held_up(stage: Stage) -> None:
    stage.performer.idle(stage.now_s, fresh=True)
    before = [stage.beat() for _ in range(6)][-1]
    stage.clip("smile")
    mixes = [stage.beat().mix for _ in range(3)]
    stage.now_s += 0.5  # longer than all of the dissolve
    mixes.append(stage.performer.advance(stage.now_s).mix)
    mixes += [stage.beat().mix for _ in range(6)]
    weights = [mix if before.mix == 0.0 else 1.0 - mix for mix in mixes]
    rising = weights[: weights.index(max(weights)) + 1]
    steps = [after - before for before, after in itertools.pairwise(rising)]
    assert len(rising) >= 6
    assert 0.2 < max(steps) < 0.42  # two beats of it


def test_a_third_lane_waits_until_the_dissolve_is_over(stage: Stage) -> None:
    stage.performer.idle(stage.now_s, fresh=True)
    for _ in range(6):
        stage.beat()
    stage.clip("smile")
    stage.beat()
    stage.clip("nod")
    names = [(stage.beat(), stage.performer.front_name)[1] for _ in range(25)]
    assert sorted(set(names), key=names.index) == ["idle", "smile", "nod"]


def test_the_newest_wish_replaces_one_that_waits(stage: Stage) -> None:
    stage.performer.idle(stage.now_s, fresh=True)
    for _ in range(6):
        stage.beat()
    stage.clip("smile")
    stage.beat()
    stage.clip("nod")
    stage.performer.look(stage.now_s)
    names = [(stage.beat(), stage.performer.front_name)[1] for _ in range(25)]
    assert "nod" not in names
    assert names[-1] == "gaze"


def test_a_finished_reaction_says_so_with_its_last_frame_and_keeps_it(stage: Stage) -> None:
    stage.clip("nod")
    frames = []
    while not stage.performer.is_finished:
        stage.beat()
        frames.append(stage.performer.frame[1])
    assert frames == list(range(30))
    assert stage.beat().slots[0] is not None
    assert stage.performer.frame == ("nod", 29)


def test_the_player_breathes_only_where_the_picture_does_not(stage: Stage) -> None:
    stage.performer.idle(stage.now_s, fresh=True)
    assert not stage.beat().breathes
    wait(lambda: stage.performer.portrait.sheet is not None)
    stage.performer.look(stage.now_s)
    sheet = stage.performer.portrait.sheet
    assert sheet is not None
    wait(lambda: len(sheet._cells) > 20)
    assert [stage.beat() for _ in range(20)][-1].breathes


def test_a_picture_that_stays_is_not_uploaded_again(stage: Stage) -> None:
    stage.performer.idle(stage.now_s, fresh=True)
    stage.beat()
    one = stage.performer.advance(stage.now_s)
    two = stage.performer.advance(stage.now_s + 0.001)
    assert one == two


def test_a_clip_that_breaks_is_told_once_and_not_played_again(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage.performer.idle(stage.now_s, fresh=True)
    stage.beat()
    front = stage.performer._front
    assert isinstance(front, ClipLane)
    stream = front._stream
    monkeypatch.setattr(stream, "take", lambda _index: None)
    stream.problem = "idle.mp4: cannot be decoded"
    stage.beat()
    assert stage.performer.take_problem() == "idle.mp4: cannot be decoded"
    assert stage.performer.take_problem() == ""
    assert stage.performer.is_finished
    assert stage.performer.portrait.idle == ()


def test_a_look_aside_moves_the_face_over_once_the_way_is_known(stage: Stage) -> None:
    performer, goal = stage.performer, [Vec2(0.0, 0.0)]
    performer._goal = lambda: goal[0]
    sheet, way = performer.portrait.sheet, Way((0.1, 0.0, 0.0), NO_WAY.down)
    assert sheet is not None
    wait(lambda: len(sheet._cells) == 45)  # all of them
    known: Future[Way] = Future()
    known.set_result(way)
    performer._ways._ways = dict.fromkeys(itertools.permutations(range(15), 2), known)  # open lids
    performer.look(stage.now_s)
    for beat in range(360):
        goal[0] = Vec2(20.0 if beat // 30 % 2 else -20.0, 0.0)
        picture = stage.beat()
        slots = [sheet_index(sheet, planes) for planes in picture.slots]
        if 0.0 < picture.mix < 1.0 and max(slots) < 15 and slots[0] != slots[1]:
            assert picture.way in {way, way.back()}, beat
            # Forward where the second slot is the one to come: its share grows.
            later = performer.advance(stage.now_s + BEAT_S / 4)
            assert (picture.way == way) == (later.mix > picture.mix), beat
            goal.append(goal[0])
    assert len(goal) > 12


def sheet_index(sheet: SheetReader, planes: Planes | None) -> int:
    return next((index for index, cell in sheet._cells.items() if cell is planes), 99)
