"""What the camera says, as the controller hears it."""

from collections.abc import Sequence
from types import SimpleNamespace

import pytest

from frame_app.base.hooks import Hook
from frame_app.config.model import PerceptionSettings
from frame_app.perception.messages import (
    CameraState,
    CameraStatus,
    Capture,
    Command,
    Gesture,
    GestureMade,
    Mirror,
    Observation,
    Place,
    Report,
    ViewersChanged,
)
from frame_app.states.vocabulary import FrameState
from frame_app.ui.perception_feed import PerceptionFeed
from tests.fakes.clock import ListJournal


class FakeWatcher:
    """Says what it is told to say."""

    def __init__(self) -> None:
        self.heard: list[Command] = []
        self.next: list[Report] = []

    def poll(self) -> Sequence[Report]:
        said, self.next = self.next, []
        return said

    def say(self, command: Command) -> None:
        self.heard.append(command)

    def close(self) -> None:
        pass


class FakeController:
    """Keeps what it was told."""

    def __init__(self) -> None:
        self.state = FrameState.IDLE
        self.told: list[tuple[str, object]] = []

    def __getattr__(self, name: str) -> object:
        return lambda *told: self.told.append((name, told[0] if told else None))

    def names(self) -> list[str]:
        return [name for name, _ in self.told]


@pytest.fixture
def world() -> SimpleNamespace:
    watcher, controller = FakeWatcher(), FakeController()
    player = SimpleNamespace(beat=Hook[[float]]())
    feed = PerceptionFeed(
        watcher, controller, player, PerceptionSettings(), ListJournal()  # type: ignore[arg-type]
    )  # fmt: skip
    return SimpleNamespace(watcher=watcher, controller=controller, beat=player.beat.fire, feed=feed)


def seen(time_s: float, viewer: int = 1, x: float = 0.0) -> Observation:
    return Observation(time_s, 1, viewer, Place(x, 0.0, 1.0))


def test_gestures_are_told_and_swipes_turn_pages(world: SimpleNamespace) -> None:
    world.watcher.next = [
        GestureMade(gesture, 0.0)
        for gesture in (Gesture.THUMB_UP, Gesture.SWIPE_LEFT, Gesture.SWIPE_RIGHT)
    ]
    world.beat(0.0)
    assert world.controller.told == [("gesture_made", "thumb_up"), ("turn", 1), ("turn", -1)]


def test_the_camera_is_closed_while_the_frame_sleeps_or_is_told_to(world: SimpleNamespace) -> None:
    world.beat(0.0)
    world.controller.state = FrameState.ASLEEP
    world.beat(0.1)
    world.beat(0.2)
    world.controller.state = FrameState.IDLE
    world.beat(0.3)
    world.feed.adjust(PerceptionSettings(enabled=False))
    world.beat(0.4)
    captures = [command.on for command in world.watcher.heard if isinstance(command, Capture)]
    assert captures == [True, False, True, False]


def test_the_eye_glides_from_one_person_to_the_next(world: SimpleNamespace) -> None:
    world.watcher.next = [seen(0.0)]
    world.beat(0.0)
    for number in range(1, 60):
        world.watcher.next = [seen(number / 30)]
        world.beat(number / 30)
    world.controller.told.clear()
    for number in range(60, 120):
        world.watcher.next = [seen(number / 30, viewer=2, x=0.6)]
        world.beat(number / 30)
    path = [eye.x for name, eye in world.controller.told if name == "viewer_moved"]
    steps = [after - before for before, after in zip([0.0, *path], path, strict=False)]
    assert path[-1] == 0.6
    assert max(steps) < 0.06  # 2 m/s at most
    assert min(steps) >= 0.0


def test_a_restart_does_not_lose_the_viewer_but_a_longer_silence_does(
    world: SimpleNamespace,
) -> None:
    world.watcher.next = [ViewersChanged(1), seen(0.0)]
    world.beat(0.0)
    world.watcher.next = [CameraState(CameraStatus.LOST, "lost")]
    world.beat(3.5)
    world.watcher.next = [CameraState(CameraStatus.STARTING)]
    world.beat(11.9)
    assert "viewer_left" not in world.controller.names()
    world.beat(12.1)
    assert world.controller.names()[-2:] == ["viewer_left", "viewers_counted"]
    assert world.feed.viewers == 0


def test_a_camera_that_says_nothing_loses_its_viewer_sooner(world: SimpleNamespace) -> None:
    world.watcher.next = [CameraState(CameraStatus.RUNNING), seen(0.0)]
    world.beat(0.0)
    world.beat(3.9)
    assert "viewer_left" not in world.controller.names()
    world.beat(4.1)
    assert "viewer_left" in world.controller.names()


def test_a_process_that_begins_to_watch_may_overlook_the_viewer_for_a_moment(
    world: SimpleNamespace,
) -> None:
    nobody = Observation(0.0, 0)
    world.watcher.next = [CameraState(CameraStatus.RUNNING), seen(0.0)]
    world.beat(0.0)
    world.watcher.next = [CameraState(CameraStatus.LOST, "lost")]
    world.beat(1.0)
    world.watcher.next = [CameraState(CameraStatus.RUNNING), nobody]
    world.beat(5.0)
    world.watcher.next = [nobody]
    world.beat(6.4)
    assert "viewer_left" not in world.controller.names()
    world.watcher.next = [nobody]
    world.beat(6.6)
    assert "viewer_left" in world.controller.names()


def test_no_camera_is_said_once_and_only_if_one_was_wanted(world: SimpleNamespace) -> None:
    world.watcher.next = [CameraState(CameraStatus.ABSENT)]
    world.beat(0.0)
    assert "notify" not in world.controller.names()
    world.watcher.next = [
        CameraState(CameraStatus.LOST, "lost"),
        CameraState(CameraStatus.ABSENT, "No camera: it is gone."),
        CameraState(CameraStatus.ABSENT, "No camera: it is gone."),
    ]
    world.beat(0.1)
    assert world.controller.names().count("notify") == 1


def test_a_camera_that_worked_and_is_unplugged_is_not_told_on_the_wall(
    world: SimpleNamespace,
) -> None:
    world.watcher.next = [
        CameraState(CameraStatus.RUNNING),
        CameraState(CameraStatus.LOST, "lost"),
        CameraState(CameraStatus.ABSENT, "No camera: it is gone."),
    ]
    world.beat(0.0)
    assert "notify" not in world.controller.names()
    assert world.feed.camera.status is CameraStatus.ABSENT


def test_watching_that_fails_again_and_again_is_told_but_does_not_nag(
    world: SimpleNamespace,
) -> None:
    given_up = CameraState(CameraStatus.ABSENT, "No camera: watching failed.", is_given_up=True)
    for now_s in (0.0, 90.0, 3600.0, 13 * 3600.0):
        world.watcher.next = [CameraState(CameraStatus.RUNNING), given_up]
        world.beat(now_s)
    assert world.controller.names().count("notify") == 2


def test_the_mirror_is_asked_for_once(world: SimpleNamespace) -> None:
    world.feed.mirror(on=True)
    world.feed.mirror(on=True)
    world.feed.mirror(on=False)
    assert world.watcher.heard == [Mirror(on=True), Mirror(on=False)]
