"""A small real library: a drawn person whose every frame carries its clip and number as a bar code.

The code lets tests read from pixels of the screen which frame was shown. It lies on the forehead,
where the subject is opaque: `CELLS` squares, black or white; the first is always white, the second
always black, then the number of the clip (3 bits) and of the frame (9 bits), most significant
first. The still carries no code but a plain forehead.
"""

import functools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Literal, TypeAlias

import av
import numpy as np
import numpy.typing as npt
from av.video.reformatter import ColorRange, Colorspace
from PIL import Image

from frame_app.cliplib import layout, writer
from frame_app.cliplib.schema import (
    Box,
    Clip,
    Eyes,
    Family,
    GazeSheet,
    IndexEntry,
    Jump,
    Lids,
    Manifest,
    Parallax,
    Point,
    Provenance,
    Scene,
    Size,
    Source,
)

Pixels = npt.NDArray[np.uint8]

WIDTH, HEIGHT = 320, 400
BOX = Box(x=60, y=40, width=200, height=260)
EYES = Eyes(left=Point(x=184, y=150), right=Point(x=136, y=150))
CODE_LEFT, CODE_TOP, CELL = 104, 100, 8
CELLS = 14
FPS = 30.0
IDLE, SMILE, NOD, GAZE, SECOND_IDLE = 1, 2, 3, 4, 5
YAW = (-20.0, -10.0, 0.0, 10.0, 20.0)
PITCH = (-8.0, 0.0, 8.0)
SKIN = (214, 168, 140)
EXITS = tuple(range(0, 90, 15))


@dataclass(frozen=True, slots=True)
class Person:
    """The drawn person; `turn` and `dip` move the features by pixels."""

    hue: float = 0.0
    """0..1: colour of the background, to tell portraits apart."""

    def plate(self) -> Pixels:
        """Stripes, so that a bend or a hole in the background shows."""
        y, x = np.mgrid[0:HEIGHT, 0:WIDTH]
        base = np.array([60 + 120 * self.hue, 90, 150 - 110 * self.hue])
        light = 1.0 + 0.25 * np.sign(np.sin(x / 9.0)) * (1.0 - 0.3 * y / HEIGHT)
        picture: Pixels = np.clip(base * light[..., np.newaxis], 0, 255).astype(np.uint8)
        return picture

    def subject(self, turn: float = 0.0, lids: float = 0.0, mouth: float = 0.0) -> Pixels:
        """RGBA, straight; `lids` 0 open .. 1 closed, `mouth` 0 .. 1 smile."""
        image = _bare_subject().copy()
        for eye in (EYES.left, EYES.right):
            _paint(image, (eye.x + turn, eye.y, 13, 8 * (1.0 - lids) + 0.5), (245, 240, 235))
            if lids < 0.9:
                _paint(image, (eye.x + 1.6 * turn, eye.y, 5, 5 - 3 * lids), (40, 50, 70))
        _paint(image, (160 + turn, 212, 20 + 10 * mouth, 4 + 3 * mouth), (160, 70, 70))
        return image


CHECKER = 8
"""Side of a square of `Checkered`, in pixels."""


class Checkered(Person):
    """A checkerboard: upright stripes in green, level ones in blue; the subject is red all over."""

    def plate(self) -> Pixels:
        """See the class."""
        return _checkerboard(0)

    def subject(self, turn: float = 0.0, lids: float = 0.0, mouth: float = 0.0) -> Pixels:
        """See the class; the outline is the person's."""
        outline = super().subject(turn, lids, mouth)[..., 3:]
        return np.concatenate([_checkerboard(255), outline], axis=2)


def _checkerboard(red: int) -> Pixels:
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH]
    board = np.zeros((HEIGHT, WIDTH, 3), np.uint8)
    board[..., 0] = red
    board[..., 1] = 255 * (x // CHECKER % 2)
    board[..., 2] = 255 * (y // CHECKER % 2)
    return board


@functools.cache
def _bare_subject() -> Pixels:
    """Body, neck and head, without features; shared, so not to be written to."""
    image = np.zeros((HEIGHT, WIDTH, 4), np.uint8)
    image[..., :3] = (92, 60, 48)
    parts = (
        ((160, 430, 130, 150), (92, 60, 48)),
        ((160, 270, 34, 60), (190, 146, 120)),
        ((160, 165, 72, 98), SKIN),
    )
    for shape, colour in parts:
        area, mask = _ellipse(shape)
        _paint(image, shape, colour)
        alpha = image[(*area, 3)]
        image[(*area, 3)] = np.maximum(alpha, (255.0 * mask).astype(np.uint8))
    return image


def draw_code(image: Pixels, clip: int, frame: int) -> Pixels:
    """The picture with its bar code."""
    bits = [1, 0, *_bits(clip, 3), *_bits(frame, 9)]
    marked = image.copy()
    for number, bit in enumerate(bits):
        left = CODE_LEFT + number * CELL
        marked[CODE_TOP : CODE_TOP + 2 * CELL, left : left + CELL, :3] = 235 if bit else 20
    return marked


def read_code(screen: Pixels, left: float, top: float, scale: float) -> tuple[int, int] | None:
    """Clip and frame from a picture of the screen; None where there is no clean code.

    Args:
        screen: (H, W, 3) what was on screen.
        left: Where the canvas begins on screen, in pixels.
        top: The same, downward.
        scale: Screen pixels per canvas pixel.
    """
    row = int(top + (CODE_TOP + CELL) * scale)
    places = [int(left + (CODE_LEFT + (number + 0.5) * CELL) * scale) for number in range(CELLS)]
    values = [int(screen[row - 1 : row + 2, place - 1 : place + 2].mean()) for place in places]
    if any(60 < value < 195 for value in values):
        return None
    bits = [int(value > 128) for value in values]
    if bits[:2] != [1, 0]:
        return None
    return _number(bits[2:5]), _number(bits[5:])


def make_library(root: Path, ids: Sequence[str] = ("anna",), *, frames: int = 90) -> None:
    """Publish portraits that differ in the colour of their background."""
    for number, portrait_id in enumerate(ids):
        publish_portrait(root, portrait_id, hue=number / max(1, len(ids) - 1), frames=frames)


def publish_portrait(
    root: Path,
    portrait_id: str,
    *,
    hue: float = 0.0,
    frames: int = 90,
    gaze: bool = True,
    person: Person | None = None,
) -> IndexEntry:
    """Make one portrait and publish it."""
    person = person or Person(hue)
    staged = writer.make_staging(root)
    (staged / "scene").mkdir()
    (staged / "clips").mkdir()
    _write_scene(staged, person)
    clips = (
        ("idle", Family.IDLE, IDLE, frames),
        ("smile", Family.SMILE, SMILE, 45),
        ("nod", Family.NOD, NOD, 30),
    )
    for name, _, number, count in clips:
        write_video(staged / layout.clip_file(name), _clip(person, number, count))
    if gaze:
        write_video(staged / layout.clip_file("gaze"), _sheet(person), all_keys=True)

    def ref(file: str):
        return writer.file_ref(staged, file)

    manifest = Manifest(
        id=portrait_id,
        title=portrait_id.title(),
        source=Source(name="drawn", sha256="0" * 64, size_bytes=1, width=WIDTH, height=HEIGHT),
        canvas=Size(width=WIDTH, height=HEIGHT),
        actor_box=BOX,
        eyes=EYES,
        poster=ref(layout.POSTER),
        scene=Scene(
            plate=ref(layout.PLATE),
            plate_depth=ref(layout.PLATE_DEPTH),
            subject=ref(layout.SUBJECT),
            subject_depth=ref(layout.SUBJECT_DEPTH),
        ),
        clips=tuple(
            Clip(
                name=name,
                family=family,
                video=ref(layout.clip_file(name)),
                frames=count,
                fps=FPS,
                exits=tuple(e for e in EXITS if e < count) if name == "idle" else (0, count - 1),
                jumps=(Jump(source=75, target=15, cost=0.5),)
                if name == "idle" and count > 80
                else (),
                loop=name == "idle",
            )
            for name, family, _, count in clips
        ),
        gaze=GazeSheet(
            video=ref(layout.clip_file("gaze")), yaw_deg=YAW, pitch_deg=PITCH, lids=tuple(Lids)
        )
        if gaze
        else None,
        parallax=Parallax(max_shift=0.04, pivot=0.5),
        provenance=Provenance(generator="tests", ai_generated=False, digital_source_type="none"),
    )
    return writer.publish(root, staged, manifest)


def write_video(path: Path, pictures: Iterator[Pixels], *, all_keys: bool = False) -> None:
    """Encode RGBA pictures of the actor box as colour over matte."""
    size = (BOX.width, 2 * BOX.height)
    with av.open(str(path), "w") as film:
        options = {"crf": "10", "preset": "veryfast", "g": "1" if all_keys else "20"}
        if all_keys:
            options["bf"] = "0"
        track = film.add_stream("libx264", rate=round(FPS), options=options)
        track.width, track.height = size
        track.pix_fmt = "yuv420p"
        track.codec_context.colorspace = Colorspace.ITU709
        track.codec_context.color_range = ColorRange.MPEG
        for index, picture in enumerate(pictures):
            frame = av.VideoFrame.from_ndarray(picture, format="rgb24").reformat(
                format="yuv420p",
                src_colorspace=Colorspace.ITU709,
                dst_colorspace=Colorspace.ITU709,
                src_color_range=ColorRange.JPEG,
                dst_color_range=ColorRange.MPEG,
            )
            frame.pts = index
            frame.time_base = Fraction(1, round(FPS))
            film.mux(track.encode(frame))
        film.mux(track.encode(None))


def _clip(person: Person, number: int, count: int) -> Iterator[Pixels]:
    for frame in range(count):
        phase = np.sin(np.pi * frame / (count - 1)) ** 2
        mouth = float(phase) if number == SMILE else 0.0
        turn = 6.0 * float(np.sin(2 * np.pi * frame / count)) if number != SMILE else 0.0
        yield _stacked(draw_code(person.subject(turn, 0.0, mouth), number, frame))


def _sheet(person: Person) -> Iterator[Pixels]:
    index = 0
    for lids in (0.0, 0.5, 1.0):
        for _ in PITCH:
            for yaw in YAW:
                yield _stacked(draw_code(person.subject(yaw / 2.5, lids), GAZE, index))
                index += 1


def _stacked(rgba: Pixels) -> Pixels:
    part = rgba[BOX.y : BOX.y + BOX.height, BOX.x : BOX.x + BOX.width]
    return np.concatenate([part[..., :3], part[..., 3:].repeat(3, axis=2)])


def _write_scene(staged: Path, person: Person) -> None:
    plate, subject = person.plate(), person.subject()
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH]
    relief = 0.65 + 0.3 * np.exp(-((x - 160) ** 2 + (y - 180) ** 2) / 6000.0)
    ground = 0.1 + 0.25 * (y / HEIGHT) ** 2
    alpha = subject[..., 3:] / 255.0
    flat = (subject[..., :3] * alpha + plate * (1.0 - alpha)).astype(np.uint8)
    Image.fromarray(plate).save(staged / layout.PLATE)
    Image.fromarray(subject).save(staged / layout.SUBJECT)
    Image.fromarray((ground * 65535).astype(np.uint16)).save(staged / layout.PLATE_DEPTH)
    Image.fromarray((relief * 65535).astype(np.uint16)).save(staged / layout.SUBJECT_DEPTH)
    Image.fromarray(flat).save(staged / layout.POSTER, quality=92)


Ellipse: TypeAlias = tuple[float, float, float, float]
"""Middle x, y and half axes x, y."""


def _ellipse(shape: Ellipse) -> tuple[tuple[slice, slice], npt.NDArray[np.float32]]:
    """Its place in the picture, and a mask there: 1 inside, 0 outside, about one pixel soft."""
    middle_x, middle_y, half_x, half_y = shape
    top, bottom = max(0, int(middle_y - half_y) - 2), min(HEIGHT, int(middle_y + half_y) + 3)
    left, right = max(0, int(middle_x - half_x) - 2), min(WIDTH, int(middle_x + half_x) + 3)
    y, x = np.mgrid[top:bottom, left:right].astype(np.float32) + 0.5
    distance = np.hypot((x - middle_x) / half_x, (y - middle_y) / half_y)
    mask = np.clip((1.0 - distance) * min(half_x, half_y) + 0.5, 0.0, 1.0).astype(np.float32)
    return (slice(top, bottom), slice(left, right)), mask


def _paint(image: Pixels, shape: Ellipse, colour: tuple[int, int, int]) -> None:
    area, mask = _ellipse(shape)
    weight = mask[..., np.newaxis]
    part = image[area][..., :3]
    image[(*area, slice(0, 3))] = part * (1.0 - weight) + np.array(colour, np.float32) * weight


def _bits(number: int, count: Literal[3, 9]) -> list[int]:
    return [(number >> shift) & 1 for shift in range(count - 1, -1, -1)]


def _number(bits: list[int]) -> int:
    return int("".join(map(str, bits)), 2)
