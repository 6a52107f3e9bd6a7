"""Faces in two pictures are brought together while one dissolves into the other."""

import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from frame_app.cliplib.reader import open_library
from frame_app.cliplib.schema import Manifest
from frame_app.show.decode import Extent, Planes
from frame_app.show.morph import NO_WAY, Face, Follower, Morph, Way, WayBook, face_of
from tests.fakes import synthetic_library as drawn

BOX = drawn.BOX


@pytest.fixture(scope="module")
def manifest(library: Path) -> Manifest:
    with open_library(library) as opened:
        return opened.manifest(opened.entries[0])


@pytest.fixture(scope="module")
def face(manifest: Manifest) -> Face:
    found = face_of(manifest)
    assert found is not None
    return found


def planes(picture: drawn.Pixels) -> Planes:
    """Of the canvas, RGBA, the actor box."""
    part = picture[BOX.y : BOX.y + BOX.height, BOX.x : BOX.x + BOX.width].astype(float)
    grey = 16 + part[..., :3].mean(axis=2) * 219 / 255
    pair = np.stack([grey, 16 + part[..., 3] * 219 / 255], axis=-1).astype(np.uint8)
    return Planes(0, Extent(BOX.width, BOX.height), pair.tobytes(), b"")


def moved(across: int, down: int) -> Planes:
    return planes(np.roll(drawn.Person().subject(), (down, across), axis=(0, 1)))


def at_the_nose(way: Way, face: Face) -> tuple[float, float]:
    """The way in pixels in the middle of the face."""
    place = np.array((1.0, *face.middle))
    return float(place @ way.across) * BOX.width, float(place @ way.down) * BOX.height


def followed(face: Face, first: Planes, second: Planes, beats: int = 4) -> Way:
    follower = Follower(face)
    return [follower.step(first, second) for _ in range(beats)][-1]


@pytest.mark.parametrize("across", [-18, -5, 0, 7, 20])
@pytest.mark.parametrize("down", [-16, 0, 9])
def test_a_head_that_moved_is_found_to_half_a_pixel(face: Face, across: int, down: int) -> None:
    way = followed(face, moved(0, 0), moved(across, down))
    # What the second shows lies in the first where it came from.
    assert at_the_nose(way, face) == pytest.approx((-across, -down), abs=0.5)


def test_the_first_beat_is_near_already(face: Face) -> None:
    way = followed(face, moved(0, 0), moved(20, -12), beats=1)
    assert at_the_nose(way, face) == pytest.approx((-20, 12), abs=3.0)


def test_a_pair_that_moves_on_is_followed(face: Face) -> None:
    follower = Follower(face)
    ways = [follower.step(moved(16 - lead, 0), moved(lead // 2, 0)) for lead in range(8)]
    assert at_the_nose(ways[-1], face) == pytest.approx((6.0, 0.0), abs=1.0)


def test_the_way_back_leads_where_it_came_from(face: Face) -> None:
    there = followed(face, moved(0, 0), moved(14, 0))
    back = followed(face, moved(14, 0), moved(0, 0))
    assert at_the_nose(there.back(), face) == pytest.approx(at_the_nose(back, face), abs=0.5)


def test_pictures_that_no_way_brings_together_just_dissolve(face: Face) -> None:
    noise = np.random.default_rng(3).integers(0, 255, (drawn.HEIGHT, drawn.WIDTH, 4), np.uint8)
    assert followed(face, moved(0, 0), planes(noise)) == NO_WAY


def test_a_picture_and_itself_need_no_way(face: Face) -> None:
    assert followed(face, moved(0, 0), moved(0, 0)) == NO_WAY


def test_a_portrait_without_eyes_has_no_face(manifest: Manifest) -> None:
    assert face_of(manifest.model_copy(update={"eyes": None})) is None


def test_the_way_is_there_a_beat_later_and_nobody_waits_for_it(face: Face) -> None:
    morph, pair = Morph(face), (moved(0, 0), moved(12, 0))
    began_s = time.monotonic()
    assert morph.find(*pair) == NO_WAY
    assert time.monotonic() - began_s < 1.0
    wait(lambda: morph.find(*pair) != NO_WAY)
    assert at_the_nose(morph.find(*pair), face) == pytest.approx((-12, 0), abs=2.0)
    morph.close()


def test_a_way_that_comes_again_is_worked_out_once_and_kept(face: Face) -> None:
    book, step = WayBook(face), (3, 4)
    assert book.find(step) == NO_WAY
    book.learn(step, moved(0, 0), moved(9, 0))
    assert book.knows(step)
    wait(lambda: book.find(step) != NO_WAY)
    found = book.find(step)
    assert at_the_nose(found, face) == pytest.approx((-9, 0), abs=0.5)
    book.learn(step, moved(0, 0), moved(-9, 0))
    book.close()
    assert book.find(step) is found
    book.learn((4, 5), moved(0, 0), moved(0, 8))  # after a rest it goes on
    wait(lambda: book.find((4, 5)) != NO_WAY)
    book.close()


def test_where_there_is_no_face_there_is_nothing_to_learn() -> None:
    book = WayBook(None)
    assert book.knows((0, 1))
    book.learn((0, 1), moved(0, 0), moved(9, 0))
    assert book.find((0, 1)) == NO_WAY


def wait(is_true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 10.0
    while not is_true():
        assert time.monotonic() < deadline
        time.sleep(0.001)
