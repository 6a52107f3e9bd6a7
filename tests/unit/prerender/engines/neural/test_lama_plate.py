import numpy as np
import pytest

from frame_app.base.arrays import ImageU8, MaskU8
from prerender.engines.neural.lama_plate import LamaPlate, ScriptPainter, _tiles
from prerender.engines.neural.workbench import OutOfMemoryError, Workbench
from tests.fakes.tiny_maps import SIDE, put_lama, put_lama_onnx

pytest.importorskip("torch", reason="needs the extra neural")
pytest.importorskip("onnx", reason="makes its networks itself")


def slope(height: int = 180, width: int = 150, grain: float = 0.0) -> ImageU8:
    """Light that falls from left to right, with optional grain."""
    image = np.repeat(np.linspace(60, 200, width)[np.newaxis, :, np.newaxis], height, axis=0)
    noise = np.random.default_rng(0).normal(0, grain, (height, width, 1))
    light = np.clip(np.rint(image + noise) + np.zeros(3), 0, 255)
    return np.asarray(light, np.uint8)


def middle_hole(height: int = 180, width: int = 150) -> MaskU8:
    hole = np.zeros((height, width), np.uint8)
    hole[70:110, 55:95] = 255
    return hole


@pytest.fixture
def script(weights, tmp_path):
    put_lama(weights, tmp_path)
    return LamaPlate("lama", Workbench())


@pytest.fixture
def onnx(weights, tmp_path):
    put_lama_onnx(weights, tmp_path)
    return LamaPlate("lama-onnx", Workbench())


@pytest.fixture(params=["lama", "lama-onnx"])
def engine(request, weights, tmp_path):
    {"lama": put_lama, "lama-onnx": put_lama_onnx}[request.param](weights, tmp_path)
    return LamaPlate(request.param, Workbench())


def test_a_slope_of_light_goes_on_through_the_hole(script):
    image, hole = slope(), middle_hole()
    broken = image.copy()
    broken[hole > 0] = (255, 0, 255)
    plate, _ = script.fill(broken, hole)
    line = plate[90, 55:95, 0].astype(int)
    assert abs(line[20] - int(image[90, 75, 0])) < 26  # a tenth of the range, at the centre
    assert (np.diff(line.reshape(8, 5).mean(axis=1)) > -1).all()


def test_outside_the_hole_every_byte_stays(engine):
    image, hole = slope(grain=5.0), middle_hole()
    plate, _ = engine.fill(image, hole)
    np.testing.assert_array_equal(plate[hole == 0], image[hole == 0])
    assert not np.array_equal(plate[hole > 0], image[hole > 0])


def test_what_the_hole_held_does_not_matter(engine):
    hole = middle_hole()
    plates = []
    for colour in ((255, 0, 255), (0, 255, 0)):
        image = slope()
        image[hole > 0] = colour
        plates.append(engine.fill(image, hole)[0])
    np.testing.assert_array_equal(*plates)


def test_answers_in_255_steps_are_taken_as_such(onnx):
    image = np.full((180, 150, 3), 140, np.uint8)
    hole = middle_hole()
    image[hole > 0] = 0
    plate, _ = onnx.fill(image, hole)
    np.testing.assert_allclose(plate[hole > 0], 140, atol=2)


def test_the_grain_of_the_surroundings_goes_on(engine):
    image, hole = slope(grain=6.0), middle_hole()
    image[hole > 0] = 0
    plate, measured = engine.fill(image, hole)
    luma = plate.astype(np.float32).mean(axis=-1)
    rough = luma - (np.roll(luma, 1, 0) + np.roll(luma, -1, 0)) / 2
    ratio = rough[78:102, 62:88].std() / rough[10:60, 10:140].std()
    assert 0.5 < ratio < 1.6
    assert measured.scores["plate_grain"] > 2


@pytest.mark.parametrize("shape", [(9, 13), (40, 300), (257, 131)])
def test_odd_sizes_and_holes_at_the_border_are_filled(engine, shape):
    image = np.full((*shape, 3), 120, np.uint8)
    hole = np.zeros(shape, np.uint8)
    hole[shape[0] // 3 :, shape[1] // 3 : 2 * shape[1] // 3] = 255
    image[hole > 0] = 255
    plate, _ = engine.fill(image, hole)
    assert plate.shape == image.shape
    assert np.abs(plate[hole > 0].astype(int) - 120).mean() < 15


def test_no_hole_is_a_copy_and_all_hole_is_said(engine):
    image = slope(40, 30)
    np.testing.assert_array_equal(engine.fill(image, np.zeros((40, 30), np.uint8))[0], image)
    flat, measured = engine.fill(image, np.full((40, 30), 255, np.uint8))
    assert len(np.unique(flat.reshape(-1, 3), axis=0)) == 1
    assert "no background" in measured.warnings[0]


def test_too_little_memory_halves_the_picture_and_is_said(script, caplog, monkeypatch):
    painter = script._painter
    assert isinstance(painter, ScriptPainter)
    asked: list[int] = []
    run = painter.net.run

    def narrow(picture, mask):
        asked.append(max(picture.shape))
        if max(picture.shape) > 304:
            raise OutOfMemoryError("lama", "not enough memory for a picture of this size")
        return run(picture, mask)

    monkeypatch.setattr(painter.net, "run", narrow)
    painter.side = 600
    image = np.full((420, 420, 3), 120, np.uint8)
    hole = np.zeros((420, 420), np.uint8)
    hole[60:360, 60:360] = 255
    script.fill(image, hole)
    assert asked[0] > 304
    assert max(asked[1:]) <= 304
    assert "going on at 300 px" in caplog.text


def test_tiles_cover_the_part_and_lie_within_the_picture():
    shape, part = (300, 200), (slice(20, 290), slice(0, 200))
    covered = np.zeros(shape, bool)
    for y, x in _tiles(part, shape, SIDE):
        assert 0 <= y.start < y.stop <= shape[0]
        assert 0 <= x.start < x.stop <= shape[1]
        assert y.stop - y.start <= SIDE
        assert x.stop - x.start <= SIDE
        covered[y, x] = True
    assert covered[part].all()
