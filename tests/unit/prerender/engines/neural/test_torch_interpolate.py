import numpy as np
import pytest

from frame_app.base.arrays import ImageU8
from frame_app.base.errors import WeightsError
from frame_app.base.optional import require
from prerender.engines.base import ActorFrame
from prerender.engines.neural.rife_network import MULTIPLE, in_between
from prerender.engines.neural.torch_interpolate import Film, Rife, halving
from prerender.engines.neural.workbench import NetworkError, Workbench
from tests.fakes.tiny_maps import put_film, put_rife, tiny_rife

torch = pytest.importorskip("torch", reason="needs the extra neural")
cv2 = require("cv2")


def square(shift: int, height: int = 150, width: int = 182) -> ActorFrame:
    """A bright square on a wall with a slope of light, at sizes no network likes."""
    colour = np.repeat(np.linspace(60, 120, width)[np.newaxis, :, np.newaxis], height, axis=0)
    colour = np.repeat(colour, 3, axis=2).astype(np.uint8)
    matte = np.zeros((height, width), np.uint8)
    colour[50:90, 60 + shift : 100 + shift] = (230, 200, 180)
    matte[50:90, 60 + shift : 100 + shift] = 255
    return ActorFrame(colour, matte)


def left_edge(picture: ImageU8, row: int = 70) -> float:
    """Where the square begins: the column at which half its light is reached."""
    line = picture[row].astype(np.float32)
    line = line if line.ndim == 1 else line[:, 0]
    return float(np.flatnonzero(line > (line[150] + line.max()) / 2)[0])


def mover(pixels: float):
    """A network that sees everything move by `pixels` to the right, whatever it is shown."""
    net = tiny_rife()
    bias = net.block4.lastconv[0].bias
    # four biases a plane after the shuffle; planes 0 and 2 are the flows' x
    with torch.no_grad():
        bias[0:4], bias[8:12] = -pixels / 2, pixels / 2
    return net


@pytest.fixture
def rife(weights, tmp_path):
    put_rife(weights, tmp_path, mover(16.0))
    return Rife("rife-4-26", Workbench())


@pytest.fixture
def film(weights, tmp_path):
    put_film(weights, tmp_path)
    return Film("film", Workbench())


def test_a_square_that_moved_16_px_is_found_at_8_in_colour_and_in_matte(rife):
    _, middle, _ = rife.between([square(0), square(16)], 2)
    assert left_edge(middle.colour) == pytest.approx(68, abs=1)
    assert left_edge(middle.matte) == pytest.approx(68, abs=1)
    assert middle.matte[70, 80] == 255
    assert middle.colour.shape == (150, 182, 3)


def test_a_network_that_sees_no_movement_mixes(weights, tmp_path):
    put_rife(weights, tmp_path)
    first, second = square(0), square(6)
    _, middle, _ = Rife("rife-4-26", Workbench()).between([first, second], 2)
    mean = (first.colour[70, 62].astype(float) + second.colour[70, 62]) / 2
    np.testing.assert_allclose(middle.colour[70, 62], mean, atol=1)


def test_identical_frames_give_the_same_frame(rife, film):
    for engine in (rife, film):
        for made in engine.between([square(0), square(0)], 3):
            np.testing.assert_array_equal(made.colour, square(0).colour)


def test_time_reaches_the_network(weights, tmp_path):
    """As the last plane of what the first block sees."""
    net = tiny_rife()
    taken: list[float] = []
    hook = net.block0.conv0[0][0].register_forward_pre_hook(
        lambda _, args: taken.append(float(args[0][:, -1].mean()))
    )
    frames, mattes = torch.rand(2, 3, 64, 64), torch.zeros(2, 1, 64, 64)
    with torch.inference_mode():
        for time in (0.25, 0.5, 0.75):
            in_between(net, frames, mattes, time)
    hook.remove()
    assert taken == [0.25, 0.5, 0.75]


def test_it_asks_only_about_sizes_the_network_takes(rife):
    seen: list[tuple[int, ...]] = []
    run = rife._net.run

    def spy(colours, mattes, call):
        seen.append(colours.shape)
        return run(colours, mattes, call=call)

    rife._net.run = spy
    list(rife.between([square(0), square(4)], 2))
    ((_, _, height, width),) = seen
    assert (height, width) == (192, 192)
    assert height % MULTIPLE == width % MULTIPLE == 0


def test_other_versions_of_rife_are_refused(weights, tmp_path):
    state = tiny_rife().state_dict()
    for change, sentence in (
        ({"block4": None}, r"not those of RIFE 4\.25 or 4\.26"),
        ({"block2.lastconv.0.bias": None}, "lack 1 tensors"),
    ):
        cut = {
            f"module.{name}": value
            for name, value in state.items()
            if not any(name.startswith(gone) for gone in change)
        }
        torch.save(cut, tmp_path / "other.pkl")
        weights.put("rife-4-26", {"weights": tmp_path / "other.pkl"})
        with pytest.raises(NetworkError, match=sentence):
            list(Rife("rife-4-26", Workbench()).between([square(0), square(4)], 2))


def test_answers_that_are_no_numbers_are_refused(weights, tmp_path):
    net = tiny_rife()
    with torch.no_grad():
        net.block4.lastconv[0].bias[16] = float("nan")  # the mask
    put_rife(weights, tmp_path, net)
    with pytest.raises(NetworkError, match="no numbers"):
        list(Rife("rife-4-26", Workbench()).between([square(0), square(4)], 2))


def test_a_checkpoint_that_holds_code_is_not_run(weights, tmp_path):
    class Trap:
        def __reduce__(self):
            return (tmp_path.joinpath("sprung").touch, ())

    torch.save({"module.encode": Trap()}, tmp_path / "trap.pkl")
    weights.put("rife-4-26", {"weights": tmp_path / "trap.pkl"})
    with pytest.raises(WeightsError, match="nothing of it was run"):
        list(Rife("rife-4-26", Workbench()).between([square(0), square(4)], 2))
    assert not (tmp_path / "sprung").exists()


# Written by hand: for each factor, what is made in which order, and between which two.
HALVING = {
    1: [],
    2: [(1, 0, 2)],
    3: [(1, 0, 3), (2, 1, 3)],
    4: [(2, 0, 4), (1, 0, 2), (3, 2, 4)],
}


@pytest.mark.parametrize(("factor", "steps"), HALVING.items())
def test_times_are_found_by_halving(factor, steps):
    assert list(halving(factor)) == steps


def test_film_reaches_every_time_and_keeps_size_and_matte(film):
    first, second = square(0), square(6)
    frames = list(film.between([first, second], 4))
    assert len(frames) == 5
    for step in (1, 2, 3):
        made = frames[step]
        share = step / 4
        truth = first.colour * (1 - share) + second.colour.astype(np.float32) * share
        here = (slice(45, 95), slice(55, 110))
        assert made.colour.shape == first.colour.shape
        np.testing.assert_allclose(made.colour[here], truth[here], atol=1.01)
        matte = first.matte * (1 - share) + second.matte.astype(np.float32) * share
        np.testing.assert_allclose(made.matte[here], matte[here], atol=1.01)


def test_a_script_that_was_altered_after_it_was_opened_is_not_loaded(film, weights):
    path = weights.room.open("film").files["weights"]
    script = bytearray(path.read_bytes())
    script[len(script) // 2] ^= 1
    path.write_bytes(script)
    with pytest.raises(WeightsError, match="so it is not loaded"):
        list(film.between([square(0), square(4)], 2))
