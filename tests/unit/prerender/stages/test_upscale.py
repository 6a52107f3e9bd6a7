import pytest
from pydantic import ValidationError

from prerender.stages.upscale import UpscaleParams, canvas_size


# Written by hand: width and height of the picture, range, canvas.
@pytest.mark.parametrize(
    ("size", "range_px", "canvas"),
    [
        ((512, 512), (1350, 2160), (1350, 1350)),
        ((1080, 1350), (1350, 2160), (1080, 1350)),
        ((4000, 3000), (1350, 2160), (2160, 1620)),
        ((1501, 1801), (1350, 2160), (1500, 1800)),
        ((500, 2000), (1350, 2160), (500, 2000)),
        ((64, 1300), (1350, 2160), (66, 1350)),
    ],
)
def test_the_canvas_is_even_in_range_and_in_the_picture_s_shape(size, range_px, canvas) -> None:
    params = UpscaleParams(min_side_px=range_px[0], max_side_px=range_px[1])
    found = canvas_size(size[0], size[1], params)
    assert found[0] % 2 == found[1] % 2 == 0
    assert abs(found[0] - canvas[0]) <= 2
    assert abs(found[1] - canvas[1]) <= 2
    assert abs(found[0] / found[1] - size[0] / size[1]) < 0.002 * size[0] / size[1] + 0.002


def test_a_range_upside_down_is_refused() -> None:
    with pytest.raises(ValidationError):
        UpscaleParams(min_side_px=2000, max_side_px=1000)
