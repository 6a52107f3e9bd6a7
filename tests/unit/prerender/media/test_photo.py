import os
import resource
import struct
import time
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from frame_app.base.errors import PictureError
from prerender.media import photo as photo_module
from prerender.media.files import Limits, check_file, photos_in
from prerender.media.photo import read_photo


def make(path: Path, size: tuple[int, int] = (200, 160)) -> Path:
    Image.effect_noise(size, 60).convert("RGB").save(path)
    return path


def refusal(path: Path, **options) -> str:
    with pytest.raises(PictureError) as caught:
        read_photo(path, 1024, **options)
    text = str(caught.value)
    assert text.startswith(str(path))
    assert "\n" not in text
    assert caught.value.exit_code == 4
    return text


def test_a_photo_comes_through_the_child_unchanged(tmp_path) -> None:
    path = make(tmp_path / "a.png")
    photo = read_photo(path, 1024)
    assert np.array_equal(photo.pixels, np.asarray(Image.open(path)))
    assert (photo.width, photo.height, photo.format) == (200, 160, "PNG")


def test_a_scan_s_border_is_cut_off_with_a_note(tmp_path) -> None:
    scan = np.full((500, 460, 3), 254, np.uint8)
    rng = np.random.default_rng(1)
    scan[50:450, 30:430] = rng.integers(40, 200, (400, 400, 3))
    Image.fromarray(scan).save(tmp_path / "a.png")
    photo = read_photo(tmp_path / "a.png", 1024)
    assert abs(photo.pixels.shape[0] - 400) <= 8
    assert (photo.width, photo.height) == (460, 500)
    assert any("border" in text or "scan" in text for text in photo.warnings)


def test_missing_empty_and_foreign_things_are_named(tmp_path) -> None:
    (tmp_path / "empty.jpg").touch()
    os.mkfifo(tmp_path / "pipe.jpg")
    (tmp_path / "text.jpg").write_text("hello")
    assert "does not exist" in refusal(tmp_path / "none.jpg")
    assert "is empty" in refusal(tmp_path / "empty.jpg")
    assert "folder" in refusal(tmp_path)
    assert "not a file" in refusal(tmp_path / "pipe.jpg")  # and does not hang on it
    assert "not a picture" in refusal(tmp_path / "text.jpg")


def test_an_unreadable_file_is_named(tmp_path, monkeypatch) -> None:
    path = make(tmp_path / "a.png")

    def denied(self, *args, **kwargs):
        raise PermissionError(13, "Permission denied", str(self))

    monkeypatch.setattr(Path, "open", denied)  # root may read everything
    with pytest.raises(PictureError, match="Permission denied"):
        check_file(path)


def test_a_decompression_bomb_is_stopped_by_its_header(tmp_path) -> None:
    head = struct.pack(">IIBBBBB", 50_000, 50_000, 8, 2, 0, 0, 0)
    chunk = struct.pack(">I", 13) + b"IHDR" + head + struct.pack(">I", zlib.crc32(b"IHDR" + head))
    (tmp_path / "bomb.png").write_bytes(b"\x89PNG\r\n\x1a\n" + chunk + b"\0" * 64)
    assert "50000 x 50000" in refusal(tmp_path / "bomb.png")


def test_memory_is_limited_in_the_child_only(tmp_path) -> None:
    Image.new("RGB", (2500, 2500)).save(tmp_path / "large.png", compress_level=1)
    before = resource.getrlimit(resource.RLIMIT_AS)
    text = refusal(tmp_path / "large.png", limits=Limits(memory_bytes=64 << 20))
    assert "memory" in text or "decoder fail" in text
    assert resource.getrlimit(resource.RLIMIT_AS) == before


def test_a_decoder_that_hangs_is_ended_in_time(tmp_path, monkeypatch) -> None:
    path = make(tmp_path / "a.png")
    monkeypatch.setattr(photo_module, "_decode_into", _sleep_into)
    began = time.monotonic()
    assert "too long" in refusal(path, limits=Limits(time_s=0.1))
    assert time.monotonic() - began < 6


def _sleep_into(path, folder, max_side_px, limits):
    time.sleep(60)


def _crash_into(path, folder, max_side_px, limits):
    os.abort()


def test_a_decoder_that_crashes_costs_its_photo_only(tmp_path, monkeypatch) -> None:
    path = make(tmp_path / "a.png")
    monkeypatch.setattr(photo_module, "_decode_into", _crash_into)
    assert "decoder fail" in refusal(path)


def test_an_inbox_lists_pictures_in_order_without_hidden_ones(tmp_path) -> None:
    for name in ("b.JPG", "a.png", ".hidden.jpg", "notes.txt", "c.heic"):
        (tmp_path / name).touch()
    (tmp_path / "d.jpg").mkdir()
    assert [path.name for path in photos_in(tmp_path)] == ["a.png", "b.JPG", "c.heic"]


@pytest.mark.parametrize(("name", "words"), [("none", "does not exist"), ("file", "not a folder")])
def test_an_inbox_that_is_none_is_named(tmp_path, name, words) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(PictureError, match=words):
        photos_in(tmp_path / name)
