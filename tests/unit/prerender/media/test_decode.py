"""Every kind of picture a family owns, read as a person would expect it."""

import io
import random
import struct
import zlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pillow_heif
import pytest
from PIL import Image, ImageCms

from frame_app.base.arrays import ImageU8
from prerender.media.border import straight_border
from prerender.media.decode import CALM, decode
from prerender.media.files import Limits, RefusedError

LIMITS = Limits()
Colours = Sequence[tuple[int, ...]]
RED, GREEN, BLUE = (200, 40, 40), (40, 200, 40), (40, 40, 200)


def quarters(mode: str = "RGB", size: int = 128) -> Image.Image:
    """Red top left, green top right, blue bottom left, white bottom right."""
    image = Image.new("RGB", (size, size), "white")
    half = size // 2
    image.paste(RED, (0, 0, half, half))
    image.paste(GREEN, (half, 0, size, half))
    image.paste(BLUE, (0, half, half, size))
    return image.convert(mode)


def read(path: Path, side: int = 4096):
    return decode(path, side, LIMITS)


def corners(pixels: ImageU8) -> list[tuple[int, ...]]:
    """Means of the four quarters' middles, row by row."""
    height, width = pixels.shape[:2]
    found = []
    for y in (height // 4, 3 * height // 4):
        for x in (width // 4, 3 * width // 4):
            patch = pixels[y - 3 : y + 3, x - 3 : x + 3].reshape(-1, 3)
            found.append(tuple(int(v) for v in patch.mean(axis=0).round()))
    return found


def is_near(found: Colours, wanted: Colours, by: int = 12) -> bool:
    return bool(np.abs(np.array(found) - np.array(wanted)).max() <= by)


PLAIN = [RED, GREEN, BLUE, (255, 255, 255)]


@pytest.mark.parametrize(
    ("name", "mode", "options"),
    [
        ("a.jpg", "RGB", {"quality": 95}),
        ("a.png", "RGB", {}),
        ("a.png", "RGBA", {}),
        ("a.png", "P", {}),
        ("a.tif", "RGB", {"compression": "tiff_lzw"}),
        ("a.tif", "RGB", {"compression": "tiff_deflate"}),
        ("a.webp", "RGB", {"lossless": True}),
        ("a.bmp", "RGB", {}),
        ("a.gif", "P", {}),
        ("a.ppm", "RGB", {}),
        ("a.avif", "RGB", {"quality": 95}),
    ],
)
def test_a_picture_of_each_format_has_its_colours(tmp_path, name, mode, options) -> None:
    path = tmp_path / name
    quarters(mode).save(path, **options)
    decoded = read(path)
    assert decoded.pixels.dtype == np.uint8
    assert decoded.pixels.shape == (128, 128, 3)
    assert is_near(corners(decoded.pixels), PLAIN, 20)
    assert decoded.taken is None


def test_heic_is_read(tmp_path) -> None:
    path = tmp_path / "a.heic"
    pillow_heif.from_pillow(quarters()).save(path, quality=95)
    assert is_near(corners(read(path).pixels), PLAIN, 20)


def test_the_content_decides_the_format_not_the_name(tmp_path) -> None:
    path = tmp_path / "really-a-png.jpg"
    quarters().save(path, "PNG")
    assert read(path).format == "PNG"


# Written by hand from the EXIF specification: where the top left quarter is shown.
@pytest.mark.parametrize(
    ("orientation", "shown"),
    [
        (1, [RED, GREEN, BLUE]),
        (2, [GREEN, RED, (255, 255, 255)]),
        (3, [(255, 255, 255), BLUE, GREEN]),
        (4, [BLUE, (255, 255, 255), RED]),
        (5, [RED, BLUE, GREEN]),
        (6, [BLUE, RED, (255, 255, 255)]),
        (7, [(255, 255, 255), GREEN, BLUE]),
        (8, [GREEN, (255, 255, 255), RED]),
    ],
)
def test_exif_orientation_turns_the_picture_upright(tmp_path, orientation, shown) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    image = quarters().crop((0, 0, 128, 120))
    path = tmp_path / "turned.jpg"
    image.save(path, quality=95, exif=exif)
    decoded = read(path)
    assert is_near(corners(decoded.pixels)[:3], shown, 20)
    wanted = (120, 128) if orientation >= 5 else (128, 120)
    assert (decoded.width, decoded.height) == wanted
    assert decoded.pixels.shape[:2] == wanted[::-1]


def test_the_exif_date_is_read_and_a_broken_one_is_none(tmp_path) -> None:
    exif = Image.Exif()
    exif.get_ifd(0x8769)[0x9003] = "1994:07:12 10:20:30"
    quarters().save(tmp_path / "a.jpg", exif=exif)
    assert read(tmp_path / "a.jpg").taken == "1994-07-12T10:20:30"
    exif.get_ifd(0x8769)[0x9003] = "0000:00:00 00:00:00"
    quarters().save(tmp_path / "b.jpg", exif=exif)
    assert read(tmp_path / "b.jpg").taken is None


def test_transparent_parts_are_filled_with_a_calm_grey(tmp_path) -> None:
    image = quarters("RGBA")
    image.putalpha(Image.new("L", image.size, 0))
    image.paste((*RED, 255), (0, 0, 64, 64))
    path = tmp_path / "a.png"
    image.save(path)
    decoded = read(path)
    assert is_near(corners(decoded.pixels), [RED, CALM, CALM, CALM], 1)
    assert any("transparent" in text for text in decoded.warnings)


def test_a_palette_with_a_transparent_colour_is_filled(tmp_path) -> None:
    image = quarters("P")
    path = tmp_path / "a.png"
    image.save(path, transparency=image.getpixel((100, 100)))
    assert is_near(corners(read(path).pixels)[3:], [CALM], 1)


def test_grey_with_alpha_is_filled(tmp_path) -> None:
    image = Image.new("LA", (128, 128), (200, 255))
    image.paste((0, 0), (64, 0, 128, 128))
    image.save(tmp_path / "a.png")
    found = corners(read(tmp_path / "a.png").pixels)
    assert is_near(found, [(200,) * 3, CALM, (200,) * 3, CALM], 1)


@pytest.mark.parametrize("suffix", ["png", "tif"])
def test_16_bit_grey_keeps_its_range(tmp_path, suffix) -> None:
    ramp = np.linspace(0, 65535, 256).astype(np.uint16)[None, :].repeat(128, axis=0)
    path = tmp_path / f"deep.{suffix}"
    Image.fromarray(ramp).save(path)
    row = read(path).pixels[64, :, 0].astype(int)
    assert row[0] == 0
    assert row[-1] == 255
    assert np.abs(row - np.arange(256)).max() <= 1


def test_16_bit_colour_keeps_its_range(tmp_path) -> None:
    path = tmp_path / "deep.png"
    ramp = np.linspace(0, 65535, 128).astype(">u2")
    lines = b"".join(
        b"\0" + np.stack([ramp, ramp[::-1], ramp], axis=1).tobytes() for _ in range(128)
    )
    path.write_bytes(_png(128, 128, 16, 2, zlib.compress(lines)))
    row = read(path).pixels[64].astype(int)
    assert row[0].tolist() == [0, 255, 0]
    assert row[-1].tolist() == [255, 0, 255]
    assert np.diff(row[:, 0]).max() <= 5


def test_floating_point_pictures_from_0_to_1_are_not_stretched(tmp_path) -> None:
    Image.fromarray(np.full((128, 128), 0.5, np.float32)).save(tmp_path / "a.tif")
    assert abs(int(read(tmp_path / "a.tif").pixels[5, 5, 0]) - 128) <= 1


def test_black_and_white_bitmaps_are_read(tmp_path) -> None:
    quarters("1").save(tmp_path / "a.tif")
    assert set(np.unique(read(tmp_path / "a.tif").pixels)) <= {0, 255}


def test_cmyk_without_a_profile_is_read_with_a_note(tmp_path) -> None:
    quarters("CMYK").save(tmp_path / "a.jpg", quality=95)
    decoded = read(tmp_path / "a.jpg")
    assert is_near(corners(decoded.pixels), PLAIN, 20)
    assert any("CMYK" in text for text in decoded.warnings)


def test_lab_pictures_are_converted(tmp_path) -> None:
    lab = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB"))
    image = ImageCms.profileToProfile(
        quarters(),
        ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")),
        lab,
        outputMode="LAB",
    )
    assert image is not None
    image.save(tmp_path / "lab.tif")
    assert is_near(corners(read(tmp_path / "lab.tif").pixels), PLAIN, 8)


def test_an_embedded_profile_changes_the_colours_as_it_says(tmp_path) -> None:
    profile = _gamma_profile(1.0)
    image = Image.new("RGB", (128, 128), (55, 55, 55))
    image.save(tmp_path / "linear.png", icc_profile=profile)
    # linear light 55/255 is 0.2157; sRGB-encoded that is 0.5019, from IEC 61966-2-1
    assert abs(int(read(tmp_path / "linear.png").pixels[9, 9, 0]) - 128) <= 2


def test_a_broken_profile_is_noted_and_ignored(tmp_path) -> None:
    quarters().save(tmp_path / "a.png", icc_profile=b"not a profile at all")
    decoded = read(tmp_path / "a.png")
    assert is_near(corners(decoded.pixels), PLAIN, 2)
    assert any("profile" in text for text in decoded.warnings)


def test_the_first_picture_of_an_animation_is_taken_with_a_note(tmp_path) -> None:
    frames = [Image.new("RGB", (128, 128), colour) for colour in (RED, GREEN)]
    frames[0].save(tmp_path / "a.gif", save_all=True, append_images=frames[1:])
    decoded = read(tmp_path / "a.gif")
    assert is_near(corners(decoded.pixels)[:1], [RED], 12)
    assert any("2 pictures" in text for text in decoded.warnings)


@pytest.mark.parametrize("mode", ["RGB", "L", "P", "RGBA", "1", "CMYK"])
def test_large_pictures_are_reduced_and_keep_their_true_size_on_record(tmp_path, mode) -> None:
    path = tmp_path / "a.tif"
    quarters(mode, 600).save(path)
    decoded = read(path, 300)
    assert decoded.pixels.shape == (300, 300, 3)
    assert (decoded.width, decoded.height) == (600, 600)


# What is refused, each with the words a person needs.


def refusal(path: Path, limits: Limits = LIMITS) -> str:
    with pytest.raises(RefusedError) as caught:
        decode(path, 2048, limits)
    text = str(caught.value)
    assert "\n" not in text
    return text


def test_a_text_file_named_jpg_is_refused(tmp_path) -> None:
    (tmp_path / "a.jpg").write_text("dear diary")
    assert "not a picture of a kind" in refusal(tmp_path / "a.jpg")


def test_a_truncated_jpeg_is_refused(tmp_path) -> None:
    stream = io.BytesIO()
    Image.effect_noise((256, 256), 50).save(stream, "JPEG")
    (tmp_path / "a.jpg").write_bytes(stream.getvalue()[: len(stream.getvalue()) // 2])
    assert "cut off" in refusal(tmp_path / "a.jpg")


def test_a_huge_header_is_refused_before_anything_is_decoded(tmp_path) -> None:
    path = tmp_path / "bomb.png"
    path.write_bytes(_png(50_000, 50_000, 8, 2, zlib.compress(b"\0" * 1000)))
    assert "50000 x 50000" in refusal(path)


def test_a_torn_head_is_called_damaged_not_foreign(tmp_path) -> None:
    quarters().save(tmp_path / "a.png")
    (tmp_path / "b.png").write_bytes((tmp_path / "a.png").read_bytes()[:40])
    assert "begins like a PNG file" in refusal(tmp_path / "b.png")


def test_tiny_pictures_are_refused_and_thumbnails_noted(tmp_path) -> None:
    Image.new("RGB", (63, 200)).save(tmp_path / "a.png")
    assert "63 x 200" in refusal(tmp_path / "a.png")
    Image.new("RGB", (64, 200)).save(tmp_path / "b.png")
    assert any("thumbnail" in text for text in read(tmp_path / "b.png").warnings)


@pytest.mark.parametrize("suffix", ["jpg", "png", "tif", "webp", "gif", "bmp", "avif", "heic"])
def test_mutated_pictures_are_read_or_refused_and_nothing_else(tmp_path, suffix) -> None:
    chance = random.Random(suffix)  # noqa: S311 (the same mutations every time)
    stream = io.BytesIO()
    image = quarters(size=96)
    if suffix == "heic":
        pillow_heif.from_pillow(image).save(stream)
    else:
        image.save(stream, {"jpg": "JPEG", "tif": "TIFF"}.get(suffix, suffix.upper()))
    whole = stream.getvalue()
    path = tmp_path / f"a.{suffix}"
    refused = 0
    for _ in range(63):  # times eight formats: about five hundred files
        data = bytearray(whole)
        for _ in range(chance.choice([1, 4, 30])):
            data[chance.randrange(len(data))] = chance.randrange(256)
        if chance.random() < 0.4:
            data = data[: chance.randrange(1, len(data))]
        path.write_bytes(data)
        try:
            decoded = decode(path, 512, LIMITS)
        except RefusedError:
            refused += 1
        else:
            assert decoded.pixels.shape[2] == 3
    assert refused


# Borders of scans.


def noise(height: int, width: int) -> ImageU8:
    return np.random.default_rng(5).integers(60, 200, (height, width, 3)).astype(np.uint8)


def framed(colour: int, left: int, top: int, right: int, bottom: int) -> ImageU8:
    inside = noise(300, 240)
    grey = np.random.default_rng(6).normal(colour, 2, (300 + top + bottom, 240 + left + right, 1))
    picture = np.clip(grey.repeat(3, axis=2), 0, 255).astype(np.uint8)
    picture[top : top + 300, left : left + 240] = inside
    return picture


@pytest.mark.parametrize("colour", [255, 250, 0, 8])
def test_a_scan_s_border_is_found_to_the_pixel_or_nearly(colour) -> None:
    found = straight_border(framed(colour, 20, 30, 25, 40))
    assert np.abs(np.array(found) - (20, 30, 25, 40)).max() <= 3


def test_letter_box_bars_are_found() -> None:
    found = straight_border(framed(0, 0, 40, 0, 40))
    assert found[0] == found[2] == 0
    assert abs(found[1] - 40) <= 3
    assert abs(found[3] - 40) <= 3


def test_a_head_before_a_white_wall_keeps_its_wall() -> None:
    picture = np.full((400, 300, 3), 252, np.uint8)
    y, x = np.mgrid[:400, :300]
    picture[(x - 150) ** 2 + (y - 200) ** 2 < 80**2] = 120
    picture[(np.abs(x - 150) < 130) & (y > 300)] = 60
    assert straight_border(picture) == (0, 0, 0, 0)


def test_a_grey_studio_background_is_no_border() -> None:
    assert straight_border(framed(128, 20, 20, 20, 20)) == (0, 0, 0, 0)


def test_an_all_black_picture_is_left_alone() -> None:
    assert straight_border(np.zeros((200, 200, 3), np.uint8)) == (0, 0, 0, 0)


def _png(width: int, height: int, depth: int, kind: int, data: bytes) -> bytes:
    def chunk(name: bytes, body: bytes) -> bytes:
        check = zlib.crc32(name + body)
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", check)

    head = struct.pack(">IIBBBBB", width, height, depth, kind, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", data) + chunk(b"IEND", b"")


def _gamma_profile(gamma: float) -> bytes:
    """An RGB matrix profile with sRGB's primaries and a power curve, by hand (ICC.1:2010)."""

    def tag_xyz(x: float, y: float, z: float) -> bytes:
        return b"XYZ \0\0\0\0" + struct.pack(">iii", *(round(v * 65536) for v in (x, y, z)))

    curve = b"curv\0\0\0\0" + struct.pack(">IH", 1, round(gamma * 256)) + b"\0\0"
    text = b"test\0"
    desc = b"desc\0\0\0\0" + struct.pack(">I", len(text)) + text + b"\0" * (78 + 1)
    desc += b"\0" * (-len(desc) % 4)
    tags = {
        b"desc": desc,
        b"cprt": b"text\0\0\0\0none\0\0\0\0",
        b"wtpt": tag_xyz(0.9642, 1.0, 0.8249),
        b"rXYZ": tag_xyz(0.4360, 0.2225, 0.0139),
        b"gXYZ": tag_xyz(0.3851, 0.7169, 0.0971),
        b"bXYZ": tag_xyz(0.1431, 0.0606, 0.7139),
        b"rTRC": curve,
        b"gTRC": curve,
        b"bTRC": curve,
    }
    offset = 128 + 4 + 12 * len(tags)
    table, body = struct.pack(">I", len(tags)), b""
    for name, data in tags.items():
        table += struct.pack(">4sII", name, offset + len(body), len(data))
        body += data
    size = offset + len(body)
    head = struct.pack(">I4sI4s4s4s", size, b"\0\0\0\0", 0x02400000, b"mntr", b"RGB ", b"XYZ ")
    head += b"\0" * 12 + b"acsp" + b"\0" * 28
    head += struct.pack(">iii", 63190, 65536, 54061)
    return head.ljust(128, b"\0") + table + body


def test_grey_of_16_bits_that_uses_its_whole_range_needs_no_remark(tmp_path) -> None:
    ramp = np.linspace(0, 65535, 128 * 128).astype(np.uint16).reshape(128, 128)
    Image.fromarray(ramp).save(tmp_path / "a.png")
    decoded = decode(tmp_path / "a.png", 1024, Limits())
    assert not any("range" in note for note in decoded.warnings)
    assert decoded.pixels.max() == 255
