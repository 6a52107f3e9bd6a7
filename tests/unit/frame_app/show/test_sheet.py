import time
from pathlib import Path

import pytest

from frame_app.show.decode import Extent
from frame_app.show.sheet import SheetReader
from tests.fakes import synthetic_library as drawn

EXTENT = Extent(drawn.BOX.width, drawn.BOX.height)
CELL_BYTES = EXTENT.width * EXTENT.height * 5 // 2


@pytest.fixture
def gaze(library: Path) -> Path:
    (path,) = library.glob("portraits/*/clips/gaze.mp4")
    return path


def wait_for(sheet: SheetReader, index: int) -> None:
    deadline = time.monotonic() + 10.0
    while sheet.find(index) is None:
        assert time.monotonic() < deadline
        time.sleep(0.001)


def close(sheet: SheetReader) -> None:
    sheet.close()
    assert sheet.join(5.0)


def test_any_cell_is_decoded_on_demand(gaze: Path) -> None:
    sheet = SheetReader(gaze, EXTENT, 100 * CELL_BYTES)
    for index in (44, 0, 17, 30):
        sheet.want([index])
        wait_for(sheet, index)
        planes = sheet.find(index)
        assert planes is not None
        assert planes.index == index
    close(sheet)


def test_what_is_wanted_comes_before_what_is_prefetched(gaze: Path) -> None:
    sheet = SheetReader(gaze, EXTENT, 100 * CELL_BYTES)
    sheet.prefetch(range(45))
    sheet.want([40])
    wait_for(sheet, 40)
    assert sheet.find(39) is None
    wait_for(sheet, 44)
    close(sheet)


def test_memory_is_bounded_and_the_oldest_cells_go(gaze: Path) -> None:
    sheet = SheetReader(gaze, EXTENT, 3 * CELL_BYTES)
    for index in range(6):
        sheet.want([index])
        wait_for(sheet, index)
    assert [index for index in range(6) if sheet.find(index)] == [3, 4, 5]
    sheet.prefetch(range(45))  # there is no room for more
    time.sleep(0.05)
    assert [index for index in range(45) if sheet.find(index)] == [3, 4, 5]
    close(sheet)


def test_a_broken_sheet_is_a_problem_not_a_crash(tmp_path: Path) -> None:
    path = tmp_path / "gaze.mp4"
    path.write_bytes(b"nothing")
    sheet = SheetReader(path, EXTENT, 3 * CELL_BYTES)
    sheet.want([0])
    assert sheet.join(5.0)
    assert "gaze.mp4" in sheet.problem
    assert sheet.find(0) is None
