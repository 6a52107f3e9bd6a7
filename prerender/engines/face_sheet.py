"""Who is who in a group photo, as one picture: each face with its number and its score."""

import math
from collections.abc import Sequence

import numpy as np

from frame_app.base.arrays import ImageU8
from frame_app.base.optional import require
from prerender.engines.profile import FaceProfile, Verdict

_WIDTH_PX = 1080  # of the sheet
_THUMB_PX = 204
_GAP_PX = 12
_LABEL_PX = 40
_ROOM = 0.45  # of a face's height around it: hair and collar tell people apart
_PAPER, _INK = (244, 242, 238), (40, 38, 36)
_COLOURS = {
    Verdict.GOOD: (46, 125, 50),
    Verdict.LIMITED: (194, 120, 0),
    Verdict.POOR: (176, 42, 36),
}


def face_sheet(image: ImageU8, faces: Sequence[FaceProfile]) -> ImageU8:
    """The photo with numbered frames, and below it each face by itself with its score."""
    cv2 = require("cv2")
    height, width = image.shape[:2]
    scale = (_WIDTH_PX - 2 * _GAP_PX) / width
    size = (_WIDTH_PX - 2 * _GAP_PX, max(1, round(height * scale)))
    how = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    overview = cv2.resize(image, size, interpolation=how)
    for number, found in enumerate(faces, start=1):
        _frame(overview, found, number, scale)
    columns = (_WIDTH_PX - _GAP_PX) // (_THUMB_PX + _GAP_PX)
    cell = _THUMB_PX + _LABEL_PX + _GAP_PX
    rows = math.ceil(len(faces) / columns)
    sheet = np.full((size[1] + 2 * _GAP_PX + rows * cell, _WIDTH_PX, 3), _PAPER, np.uint8)
    sheet[_GAP_PX : _GAP_PX + size[1], _GAP_PX : _GAP_PX + size[0]] = overview
    for index, found in enumerate(faces):
        x = _GAP_PX + index % columns * (_THUMB_PX + _GAP_PX)
        y = size[1] + 2 * _GAP_PX + index // columns * cell
        sheet[y : y + _THUMB_PX, x : x + _THUMB_PX] = _thumb(image, found)
        corner = (x + _THUMB_PX - 1, y + _THUMB_PX - 1)
        cv2.rectangle(sheet, (x, y), corner, _COLOURS[found.verdict], 4)
        _write(sheet, f"{index + 1}", (x + 2, y + _THUMB_PX + 31), 1.0, _INK)
        score = f"{found.overall * 100:.0f} of 100"
        _write(sheet, score, (x + 60, y + _THUMB_PX + 28), 0.7, _COLOURS[found.verdict])
    return np.asarray(sheet, np.uint8)


def _frame(overview: ImageU8, found: FaceProfile, number: int, scale: float) -> None:
    cv2 = require("cv2")
    box, colour = found.face.box, _COLOURS[found.verdict]
    x, y = round(box.x * scale), round(box.y * scale)
    corner = (round((box.x + box.width) * scale), round((box.y + box.height) * scale))
    cv2.rectangle(overview, (x, y), corner, colour, 3, cv2.LINE_AA)
    wide = 20 * len(str(number)) + 14
    top = max(0, y - 34)
    cv2.rectangle(overview, (x, top), (x + wide, top + 34), colour, -1)
    _write(overview, str(number), (x + 7, top + 27), 0.9, (255, 255, 255))


def _thumb(image: ImageU8, found: FaceProfile) -> ImageU8:
    cv2 = require("cv2")
    box = found.face.box
    side = max(box.width, box.height) * (1 + 2 * _ROOM)
    factor = _THUMB_PX / side
    x, y = box.x + box.width / 2 - side / 2, box.y + box.height / 2 - side / 2
    height, width = image.shape[:2]
    left, top = max(0, math.floor(x)), max(0, math.floor(y))
    part = image[top : min(height, math.ceil(y + side)), left : min(width, math.ceil(x + side))]
    if factor < 1:  # area averaging, since the warp alone would alias
        size = tuple(max(1, round(length * factor)) for length in part.shape[1::-1])
        part, shift = cv2.resize(part, size, interpolation=cv2.INTER_AREA), factor
        matrix = np.array([[1, 0, (left - x) * shift], [0, 1, (top - y) * shift]])
    else:
        matrix = np.array([[factor, 0, (left - x) * factor], [0, factor, (top - y) * factor]])
    return np.asarray(
        cv2.warpAffine(
            part,
            matrix,
            (_THUMB_PX, _THUMB_PX),
            flags=cv2.INTER_LINEAR,
            borderMode=cv2.BORDER_CONSTANT,
            borderValue=_PAPER,
        ),
        np.uint8,
    )


def _write(
    picture: ImageU8,
    text: str,
    place: tuple[int, int],
    scale: float,
    colour: tuple[int, int, int],
) -> None:
    cv2 = require("cv2")
    font = cv2.FONT_HERSHEY_SIMPLEX
    cv2.putText(picture, text, place, font, scale, colour, 2, cv2.LINE_AA)
