"""Figures of the quality gate, from the decoded clips of eight portraits."""

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import cv2  # noqa: TID253  no Qt in this process
import numpy as np
import pytest
from PIL import Image

from frame_app.base.arrays import ImageU8
from frame_app.base.paths import shipped
from frame_app.cliplib import layout
from frame_app.cliplib.reader import open_library
from frame_app.cliplib.schema import Manifest
from prerender.core import archive
from prerender.core.document import Document
from prerender.media.frames import split
from prerender.media.image import load_rgb, load_rgba, over
from prerender.media.video import read_frames
from tests.bench.figures import Report, prerender
from tests.fakes.sitter import change_of_shape
from tests.fakes.variants import faded, grey, mirrored

pytestmark = pytest.mark.bench
DEMO = shipped("assets", "demo", "astronaut.png")
SHARED = Path("../shared/data/portraits")
MADE = {"mirrored": mirrored, "grey": grey, "faded": faded}
BESIDE_PX = 8  # a step of this many pixels from the subject's outermost hair
# Everything that is measured on a clip is measured on these too, and eight portraits take minutes.
CHANGES = (
    'clips=["smile", "nod", "shake", "wink", "surprise", "blink"]',
    "upscale.min_side_px=900",
    "upscale.max_side_px=1080",
)
Scores = dict[str, dict[str, float]]  # of each clip, by portrait and clip


class Night(NamedTuple):
    """What one run over all portraits left."""

    scores: Scores
    document: Document
    portraits: list[tuple[Path, Manifest]]
    """Each portrait's folder and manifest."""


@pytest.fixture(scope="module")
def night(tmp_path_factory: pytest.TempPathFactory) -> Night:
    """The shared portraits, the demo and three made of them: one clip of each kind of motion."""
    if not SHARED.is_dir():
        pytest.skip(f"no {SHARED}")
    root = tmp_path_factory.mktemp("gate")
    photos = [DEMO, *sorted(SHARED.glob("*.jpg"))]
    for (name, make), source in zip(MADE.items(), photos, strict=False):
        photos.append(root / f"{name}.png")
        Image.fromarray(make(load_rgb(source))).save(photos[-1])
    words = [str(photo) for photo in photos]
    for change in CHANGES:
        words += ["--set", change]
    prerender(root, "run", *words, "--report", str(root / "report"))
    scores: Scores = {}
    portraits = []
    with open_library(root / "library") as library:
        for entry in library.entries:
            manifest = library.manifest(entry)
            portraits.append((library.folder(entry), manifest))
            for clip in manifest.clips:
                scores[f"{manifest.id}/{clip.name}"] = clip.scores
            if manifest.gaze is not None:
                scores[f"{manifest.id}/gaze"] = manifest.gaze.scores
    return Night(scores, archive.read(root / "report"), portraits)


def ends_of(folder: Path, manifest: Manifest) -> Iterator[tuple[str, ImageU8]]:
    """The first and the last decoded frame of each clip, colour above matte."""
    for clip in manifest.clips:
        for number in (0, clip.frames - 1):
            yield f"{manifest.id}/{clip.name}", next(read_frames(folder / clip.video.file, number))


# Score, worst by, target, unit, whether more is better.
TABLE = [
    ("start_db", 40.0, "dB", True),
    ("end_db", 40.0, "dB", True),
    ("centre_db", 40.0, "dB", True),
    ("still_deviation", 1.0, "/255", False),
    ("border_max", 0.0, "/255", False),
    ("edge_error", 1.5, "/255", False),
    ("tremble_px", 0.25, "px", False),
    ("grain_flicker", 0.5, "/255", False),
    ("jacobian", 0.2, "", True),
    ("face_seen", 1.0, "", True),
]


def test_pictures(night: Night, report: Report) -> None:
    for name, target, unit, at_least in TABLE:
        found = {where: values[name] for where, values in night.scores.items() if name in values}
        where = (min if at_least else max)(found, key=lambda key: found[key])
        count = len(night.portraits)
        what = f"{name}, worst of {len(found)} clips of {count} portraits ({where})"
        report(what, found[where], target, unit, at_least=at_least)


def test_nothing_is_drawn_beside_the_subject(night: Night, report: Report) -> None:
    """Outside the box nothing is drawn at all; inside, the matte leaves the plate as it is."""
    worst, where = 0, ""
    for folder, manifest in night.portraits:
        box = manifest.actor_box
        _, alpha = load_rgba(folder / manifest.scene.subject.file)
        still = alpha[box.y : box.y + box.height, box.x : box.x + box.width]
        kernel = np.ones((2 * BESIDE_PX + 1, 2 * BESIDE_PX + 1), np.uint8)
        beside = cv2.dilate(still, kernel) == 0
        for name, frame in ends_of(folder, manifest):
            _, matte = split(frame)
            if beside.any() and int(matte[beside].max()) >= worst:
                worst, where = int(matte[beside].max()), name
    report(f"matte where the still has none, first and last frames ({where})", worst, 1.0, "/255")


def test_who_it_is_stays(night: Night, report: Report) -> None:
    worst, where = 0.0, ""
    for folder, manifest in night.portraits:
        box, poster = manifest.actor_box, load_rgb(folder / layout.POSTER)
        inside = np.s_[box.y : box.y + box.height, box.x : box.x + box.width]
        plate = np.ascontiguousarray(load_rgb(folder / layout.PLATE)[inside])
        for name, frame in ends_of(folder, manifest):
            picture = poster.copy()
            picture[inside] = over(*split(frame), plate)
            if (change := change_of_shape(picture, poster)) >= worst:
                worst, where = change, name
    report(f"shape of the face in first and last frames ({where})", 100 * worst, 1.0, "%")


def test_verdicts(night: Night, report: Report) -> None:
    clips = [clip for portrait in night.document.portraits for clip in portrait.clips]
    gone = [clip for clip in clips if not clip.published]
    gentler = [clip for clip in clips if clip.amplitude < 1]
    report(f"clips left out, of {len(clips)}", 100 * len(gone) / len(clips), 5.0, "%")
    report("clips rendered again more gently", 100 * len(gentler) / len(clips), 5.0, "%")
