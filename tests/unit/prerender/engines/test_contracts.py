"""What every engine of a task promises: the same sentences for the built-in one and the networks.

Networks run with the tiny weights of `tests/fakes/tiny.py`; one whose packages are not installed
is skipped, one without tiny weights fails.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from PIL import Image

from prerender.engines.base import ActorFrame, Engine, Rect
from prerender.engines.catalogue import known_models
from prerender.engines.registry import Task
from prerender.engines.specs import ALL_SPECS


def of(*tasks: Task) -> pytest.MarkDecorator:
    """One case per engine of the tasks."""
    specs = [spec for spec in ALL_SPECS if spec.task in tasks]
    return pytest.mark.parametrize("spec", specs, ids=[f"{s.task}-{s.id}" for s in specs])


def twice(act: Callable[[], Any]) -> Any:
    """The result, which has to be the same bytes a second time."""
    first, second = act(), act()
    assert np.array_equal(first, second)
    return first


@of(*Task)
def test_an_engine_is_who_its_spec_says_and_shows_weights_and_licence(shelf, spec) -> None:
    engine: Engine = shelf.open(spec)
    assert engine.info.id == spec.id
    assert spec.info is None or spec.info() == engine.info
    if spec.id in known_models().model:
        room = shelf.weights.room
        assert engine.info.weights_sha256 == room.open(str(spec.id)).sha256
        assert engine.info.licence == known_models().licence_of(str(spec.id)).name


@of(Task.RESTORE)
def test_restoring_keeps_the_size_and_does_nothing_at_no_strength(shelf, spec, photo, faces):
    engine = shelf.open(spec)
    before = photo.copy()
    done = twice(lambda: engine.restore(photo, faces, 1.0)[0])
    assert done.shape == photo.shape
    assert done.dtype == np.uint8
    assert np.array_equal(photo, before)
    assert np.array_equal(engine.restore(photo, faces, 0.0)[0], photo)


@of(Task.COLOURISE)
def test_colouring_keeps_size_and_lightness(shelf, spec, photo):
    grey = np.repeat(np.asarray(Image.fromarray(photo).convert("L"))[..., None], 3, axis=2)
    done = twice(lambda: shelf.open(spec).colourise(grey))
    assert done.shape == grey.shape
    assert done.dtype == np.uint8
    after = np.asarray(Image.fromarray(done).convert("L"), np.float32)
    assert np.abs(after - grey[..., 0]).mean() < 12.0  # colours that do not fit are clipped


@of(Task.UPSCALE)
@pytest.mark.parametrize("size", [(301, 365), (150, 182), (75, 91)])
def test_upscaling_gives_exactly_the_size_that_was_asked_for(shelf, spec, photo, size):
    width, height = size
    before = photo.copy()
    done = twice(lambda: shelf.open(spec).upscale(photo, width, height))
    assert done.shape == (height, width, 3)
    assert done.dtype == np.uint8
    assert np.array_equal(photo, before)


@of(Task.REBUILD)
def test_a_face_that_is_rebuilt_keeps_the_form_of_its_crop(shelf, spec):
    ramp = np.linspace(0.2, 0.8, 512, dtype=np.float32)
    crop = np.stack([np.tile(ramp, (512, 1))] * 3, axis=-1)
    done = twice(lambda: shelf.open(spec).rebuild(crop, 0.7))
    assert done.shape == crop.shape
    assert done.dtype == np.float32
    assert done.min() >= 0.0
    assert done.max() <= 1.0


@of(Task.IDENTITY)
def test_nobody_drifts_from_themselves(shelf, spec, photo, faces):
    engine = shelf.open(spec)
    (same,) = engine.drift(photo, photo.copy(), faces)
    assert same == pytest.approx(0.0, abs=1e-3)
    assert engine.drift(photo, photo, ()) == ()


@of(Task.MATTE)
def test_a_matte_covers_the_picture_with_fractions(shelf, spec, photo, faces):
    engine = shelf.open(spec)
    before = photo.copy()
    alpha = twice(lambda: engine.matte(photo, faces)[0])
    assert alpha.shape == photo.shape[:2]
    assert alpha.dtype == np.float32
    assert alpha.min() >= 0.0
    assert alpha.max() <= 1.0
    assert np.array_equal(photo, before)
    box = faces[0].box
    middle = alpha[round(box.y + box.height / 2), round(box.x + box.width / 2)]
    assert middle > 0.5  # whoever's face is given is in it


@of(Task.DEPTH)
def test_depth_is_nearness_of_every_pixel(shelf, spec, photo, faces):
    engine = shelf.open(spec)
    alpha = np.zeros(photo.shape[:2], np.float32)
    alpha[40:, 30:120] = 1.0
    near = twice(lambda: engine.estimate(photo, alpha, faces)[0])
    assert near.shape == photo.shape[:2]
    assert near.dtype == np.float32
    assert near.min() >= 0.0
    assert near.max() <= 1.0
    assert near[60:, 40:110].mean() > near[:30, :20].mean()  # the person before the wall


@of(Task.PLATE)
def test_a_plate_changes_the_hole_and_nothing_else(shelf, spec, photo):
    engine = shelf.open(spec)
    hole = np.zeros(photo.shape[:2], np.uint8)
    hole[60:130, 40:100] = 255
    done = twice(lambda: engine.fill(photo, hole)[0])
    assert done.shape == photo.shape
    assert np.array_equal(done[hole == 0], photo[hole == 0])
    assert not np.array_equal(done, photo)
    whole = np.zeros_like(hole)
    assert np.array_equal(engine.fill(photo, whole)[0], photo)


@of(Task.ANIMATE)
def test_an_actor_stays_in_its_box_and_starts_and_ends_on_its_pose(shelf, spec, photo, faces):
    engine = shelf.open(spec)
    colour = photo[:180]  # even
    alpha = np.zeros(colour.shape[:2], np.float32)
    alpha[20:, 20:130] = 1.0
    actor = engine.actor(colour, alpha, alpha, faces[0], 1)
    x, y, width, height = actor.box
    assert min(x, y) >= 0
    assert x + width <= colour.shape[1]
    assert y + height <= colour.shape[0]
    assert not any(value % 2 for value in actor.box)
    assert {"idle", "smile", "nod"} <= set(actor.clip_names())
    still = actor.neutral()
    assert np.array_equal(still.colour, colour[y : y + height, x : x + width])
    plan = actor.clip("nod", 10.0)
    first, middle, last = (
        next(iter(actor.frames("nod", 10.0, at, at + 1)))
        for at in (0, plan.frames // 2, plan.frames - 1)
    )
    for frame in (first, middle, last):
        assert frame.colour.shape == (height, width, 3)
        assert frame.matte.shape == (height, width)
    for frame in (first, last):
        assert np.abs(frame.colour.astype(int) - still.colour).mean() < 0.5
    again = list(actor.frames("nod", 10.0, plan.frames // 2 - 1, plan.frames // 2 + 1))
    assert np.array_equal(again[-1].colour, middle.colour)  # any range gives the same frames


@of(Task.INTERPOLATE)
@pytest.mark.parametrize("factor", [1, 2, 3])
def test_in_between_frames_leave_the_given_ones_untouched(shelf, spec, photo, factor):
    engine = shelf.open(spec)
    given = []
    for shift in (0, 4):
        colour = np.roll(photo, shift, axis=1)[:96, :80].copy()
        matte = np.zeros(colour.shape[:2], np.uint8)
        matte[20:70, 10 + shift : 50 + shift] = 255
        given.append(ActorFrame(colour, matte))
    made = list(engine.between(iter(given), factor))
    assert len(made) == factor + 1
    for before, after in zip(given, made[::factor], strict=True):
        assert np.array_equal(before.colour, after.colour)
        assert np.array_equal(before.matte, after.matte)
    for frame in made:
        assert frame.colour.shape == given[0].colour.shape
        assert frame.matte.shape == given[0].matte.shape
        assert frame.colour.dtype == frame.matte.dtype == np.uint8
    again = list(engine.between(iter(given), factor))
    assert all(np.array_equal(a.colour, b.colour) for a, b in zip(made, again, strict=True))


@of(Task.JUDGE)
def test_a_judge_sees_the_face_that_is_there_and_none_where_there_is_none(
    shelf, spec, photo, faces
):
    engine = shelf.open(spec)
    reading = engine.read(photo, faces[0].box)
    assert reading is not None
    assert np.abs(reading.landmarks[:468, :2] - faces[0].landmarks[:468, :2]).mean() < 3.0
    assert engine.read(np.full_like(photo, 128), Rect(40, 40, 60, 60)) is None
