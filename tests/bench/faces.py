"""The face bench's readings: one portrait and one topic at a time, in a process of its own."""

from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

import numpy as np

from frame_app.base.arrays import ImageU8
from frame_app.cliplib import layout
from frame_app.cliplib.reader import open_library
from frame_app.cliplib.schema import Manifest
from prerender.media.image import load_rgb
from prerender.media.video import read_frames
from tests.bench.figures import Figure
from tests.bench.witness import Box, Seen, Witness
from tests.fakes.sitter import change_of_shape
from tests.fakes.variants import VARIANTS

CLIPS = ("blink", "smile", "nod", "shake")
ORIGINALS = MappingProxyType(
    {"mona-lisa-mirrored-grey": "mona-lisa", "pearl-earring-faded": "pearl-earring"}
)
"""Variants that show the same as another portrait, only paler."""
SHUT = 0.7  # of the opening at rest, by which an eye closes
TURNED_DEG = 20.0  # of a still's head: past this, less is seen of how its far eye closes
# How much less: three straight heads (astronaut, the same compressed, Bouguereau's girl) closed the
# same lids straight on and turned until they read as 20 to 24 degrees, to both sides. The far eye
# was seen to fall by 0.07, 0.08, 0.08, 0.15, 0.16 and 0.19 less, once to 0.72.
SEEN_LESS = 0.1
# By which two readings of one shut eye differ that was encoded, or was not: the median.
NOISE = 0.02
STEP_BACK_DEG = -3.0  # between neighbours of one line: the noise of the judge, as the gate has it


class Played(NamedTuple):
    """The clips of one portrait, decoded and laid over its plate, as a cut-out of the face."""

    folder: Path
    manifest: Manifest
    poster: ImageU8
    box: Box
    original: "Played | None" = None
    """What it is a paler copy of."""

    @classmethod
    def of(cls, library: Path, name: str, witness: Witness) -> "Played":
        """Open a portrait of a library."""
        original = cls.of(library, ORIGINALS[name], witness) if name in ORIGINALS else None
        with open_library(library) as opened:
            found = [entry for entry in opened.entries if entry.id == name]
            assert found, f"{name} was left out of {library}"
            folder, manifest = opened.folder(found[0]), opened.manifest(found[0])
        poster = load_rgb(folder / layout.POSTER)
        return cls(folder, manifest, poster, witness.box(poster), original)

    @property
    def still(self) -> ImageU8:
        """The face of the picture."""
        return np.ascontiguousarray(self.poster[self.box])

    def frames(self, file: str, wanted: range) -> Iterator[ImageU8]:
        """Some frames of a video."""
        box = self.manifest.actor_box
        plate = load_rgb(self.folder / layout.PLATE)
        inside = np.s_[box.y : box.y + box.height, box.x : box.x + box.width]
        shown = self.poster.copy()
        for index, both in enumerate(read_frames(self.folder / file)):
            if index >= wanted.stop:
                break
            if index not in wanted:
                continue
            alpha = both[box.height :].astype(np.float32) / 255
            mixed = both[: box.height] * alpha + plate[inside] * (1 - alpha)
            shown[inside] = np.clip(mixed + 0.5, 0, 255).astype(np.uint8)
            yield np.ascontiguousarray(shown[self.box])

    def clip(self, name: str, every: int = 1) -> list[ImageU8]:
        """Frames of a clip that passed the quality gate."""
        found = [clip for clip in self.manifest.clips if clip.name == name]
        assert found, f"{name} was left out"
        return list(self.frames(found[0].video.file, range(0, found[0].frames, every)))


def read_portrait(topic: str, library: Path, name: str) -> list[Figure]:
    """The figures of one topic; runs in a worker process.

    Args:
        topic: One of `TOPICS`.
        library: Holds `CLIPS` and the gaze sheet.
        name: The portrait's id.
    """
    witness = _witness()
    rows = TOPICS[topic](Played.of(library, name, witness), witness)
    return [row._replace(what=f"{name}: {row.what}") for row in rows]


@cache
def _witness() -> Witness:
    return Witness()  # building it takes a second; the process ends with it


def _blink(played: Played, witness: Witness) -> list[Figure]:
    shut, still = _shut(played, witness), witness.read(played.still)
    seen, limits = witness.read(shut), [SHUT, SHUT]
    if abs(still.yaw_deg) > TURNED_DEG:
        limits[0 if still.yaw_deg < 0 else 1] -= SEEN_LESS
    whose = ""
    if played.original is not None:
        # Of paler copies it sees less still: no more is asked than what it sees of the original's
        # own shut eyes, which have their row, when they are made as pale.
        paler = _closed_in_copy(played, witness)
        limits = [min(limit, fall - NOISE) for limit, fall in zip(limits, paler, strict=True)]
        whose = ", at least as far as the original's made as pale"
    rows = []
    for side, fall, limit in zip(("Right", "Left"), _falls(seen, still), limits, strict=True):
        blink, eye = seen.shapes[f"eyeBlink{side}"], f"{side.lower()} eye"
        if blink >= 0.5:
            rows.append(_least(f"eyeBlink, {eye}", blink, 0.5, ""))
        else:  # the judge misreads small and painted lids: the aspect ratio of the eye instead
            rows.append(_least(f"{eye} closed by (eyeBlink {blink:.2f}){whose}", fall, limit, ""))
    return rows


def _shut(played: Played, witness: Witness) -> ImageU8:
    """The frame of the blink in which the eyes are closed most.

    A single reading takes a half-shut eye for a shut one now and then; the best few are read again.
    """
    frames = played.clip("blink")
    quick = [_blinks(witness.read(frame, once=True)) for frame in frames]
    few = [frames[int(i)] for i in np.argsort(quick)[-4:]]
    return max(few, key=lambda frame: _blinks(witness.read(frame)))


def _blinks(seen: Seen) -> float:
    return seen.shapes["eyeBlinkLeft"] + seen.shapes["eyeBlinkRight"]


def _closed_in_copy(played: Played, witness: Witness) -> tuple[float, float]:
    """How far the shut eyes of the original seem to be closed in a copy that is made as pale."""
    assert played.original is not None
    _, change = VARIANTS[played.manifest.id]
    pictures = played.original.still, _shut(played.original, witness)
    still, shut = (witness.read(np.asarray(change(picture), np.uint8)) for picture in pictures)
    return _falls(shut, still)


def _falls(shut: Seen, still: Seen) -> tuple[float, float]:
    """By how much the aspect ratio of the right and of the left eye falls, 0..1."""
    right, left = (1 - now / then for now, then in zip(shut.aspect, still.aspect, strict=True))
    return right, left


def _smile(played: Played, witness: Witness) -> list[Figure]:
    seen = [witness.read(frame, once=True).shapes for frame in played.clip("smile", 4)]
    smiles = [(s["mouthSmileLeft"] + s["mouthSmileRight"]) / 2 for s in seen]
    if smiles[0] >= 0.5:  # who smiles already cannot smile much more
        return []
    return [_least("mouthSmile over the still", max(smiles) - smiles[0], 0.3, "")]


def _turns(played: Played, witness: Witness) -> list[Figure]:
    rest, least, _ = _extremes(witness, played.clip("nod", 2), "pitch_deg")
    nod = _least("nod", rest - least, 8.0, "deg")
    rest, least, most = _extremes(witness, played.clip("shake", 2), "yaw_deg")
    return [nod, _least("shake", min(rest - least, most - rest), 8.0, "deg")]


def _gaze(played: Played, witness: Witness) -> list[Figure]:
    gaze = played.manifest.gaze
    assert gaze is not None, "the gaze sheet was left out"
    wide, high = len(gaze.yaw_deg), len(gaze.pitch_deg)
    cells = played.frames(gaze.video.file, range(wide * high))
    looks = np.array([witness.read(cell).look_deg for cell in cells]).reshape(high, wide, 2)
    middle = int(np.argmin(np.abs(gaze.pitch_deg))), int(np.argmin(np.abs(gaze.yaw_deg)))
    looks = looks - looks[middle]
    row, column = looks[middle[0], :, 0], looks[:, middle[1], 1]
    off = [float(np.abs(row - gaze.yaw_deg).max()), float(np.abs(column - gaze.pitch_deg).max())]
    rows = [
        _least("directions of the gaze sheet", wide * high, 55, ""),
        _most("gaze off its cell, middle row", off[0], 6.0, "deg"),
        _most("gaze off its cell, middle column", off[1], 6.0, "deg"),
    ]
    for what, lines in (("rows", looks[..., 0]), ("columns", looks[..., 1].T)):
        steps = np.diff(lines, axis=1)
        least, mean = float(steps.min()), float(steps.mean(axis=0).min())
        rows.append(_least(f"least step of all {what}", least, STEP_BACK_DEG, "deg"))
        rows.append(_least(f"least step of the mean of all {what}", mean, 0.0, "deg"))
    return rows


def _shape(played: Played, witness: Witness) -> list[Figure]:
    del witness
    frames = played.clip("nod")
    change = max(change_of_shape(frame, played.still) for frame in (frames[0], frames[-1]))
    return [_most("shape of a neutral frame", 100 * change, 1.0, "%")]


def _extremes(witness: Witness, frames: list[ImageU8], what: str) -> tuple[float, float, float]:
    """An angle of the first frame and the least and largest of all, each read several times."""
    quick = [getattr(witness.read(frame, once=True), what) for frame in frames]
    chosen = [frames[0], frames[int(np.argmin(quick))], frames[int(np.argmax(quick))]]
    rest, *ends = [float(getattr(witness.read(frame), what)) for frame in chosen]
    return rest, min(ends), max(ends)


def _least(what: str, value: float, limit: float, unit: str) -> Figure:
    return Figure(what, value, limit, unit, is_at_least=True)


def _most(what: str, value: float, limit: float, unit: str) -> Figure:
    return Figure(what, value, limit, unit, is_at_least=False)


TOPICS = MappingProxyType[str, Callable[[Played, Witness], list[Figure]]](
    {
        "gaze": _gaze,  # first: it takes longest
        "blink": _blink,
        "smile": _smile,
        "turns": _turns,
        "shape": _shape,
    }
)
"""Name to how it is read."""
