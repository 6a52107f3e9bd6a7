"""Figures of the quality gate, from the decoded clips of eight portraits."""

from pathlib import Path

import pytest
from PIL import Image

from frame_app.base.paths import shipped
from frame_app.cliplib.reader import open_library
from frame_app.cliplib.schema import Manifest
from prerender.core import archive
from prerender.core.document import Document
from prerender.media.image import load_rgb
from tests.bench.figures import Report, prerender
from tests.fakes.variants import faded, grey, mirrored

pytestmark = pytest.mark.bench
DEMO = shipped("assets", "demo", "astronaut.png")
SHARED = Path("../shared/data/portraits")
MADE = {"mirrored": mirrored, "grey": grey, "faded": faded}
Scores = dict[str, dict[str, float]]  # of each clip, by portrait and clip


@pytest.fixture(scope="module")
def night(tmp_path_factory: pytest.TempPathFactory) -> tuple[Scores, Document, list[Manifest]]:
    """The shared portraits, the demo and three made of them, through the default recipe."""
    if not SHARED.is_dir():
        pytest.skip(f"no {SHARED}")
    root = tmp_path_factory.mktemp("gate")
    photos = [DEMO, *sorted(SHARED.glob("*.jpg"))]
    for (name, make), source in zip(MADE.items(), photos, strict=False):
        photos.append(root / f"{name}.png")
        Image.fromarray(make(load_rgb(source))).save(photos[-1])
    words = [str(photo) for photo in photos]
    small = ["--set", "upscale.min_side_px=900", "--set", "upscale.max_side_px=1350"]
    prerender(root, "run", *words, *small, "--report", str(root / "report"))
    scores: Scores = {}
    manifests = []
    with open_library(root / "library") as library:
        for entry in library.entries:
            manifest = library.manifest(entry)
            manifests.append(manifest)
            for clip in manifest.clips:
                scores[f"{manifest.id}/{clip.name}"] = clip.scores
            if manifest.gaze is not None:
                scores[f"{manifest.id}/gaze"] = manifest.gaze.scores
    return scores, archive.read(root / "report"), manifests


# Score, worst by, target, unit, whether more is better.
TABLE = [
    ("start_db", 40.0, "dB", True),
    ("end_db", 40.0, "dB", True),
    ("centre_db", 40.0, "dB", True),
    ("still_deviation", 1.0, "/255", False),
    ("border_max", 0.0, "/255", False),
    ("edge_error", 1.5, "/255", False),
    ("tremble_px", 0.5, "px", False),
    ("jacobian", 0.2, "", True),
    ("face_seen", 1.0, "", True),
]


def test_pictures(night: tuple[Scores, Document, list[Manifest]], report: Report) -> None:
    scores, _, manifests = night
    for name, target, unit, at_least in TABLE:
        found = {where: values[name] for where, values in scores.items() if name in values}
        where = (min if at_least else max)(found, key=lambda key: found[key])
        what = f"{name}, worst of {len(found)} clips of {len(manifests)} portraits ({where})"
        report(what, found[where], target, unit, at_least=at_least)


def test_verdicts(night: tuple[Scores, Document, list[Manifest]], report: Report) -> None:
    _, document, _ = night
    clips = [clip for portrait in document.portraits for clip in portrait.clips]
    gone = [clip for clip in clips if not clip.published]
    gentler = [clip for clip in clips if clip.amplitude < 1]
    report(f"clips left out, of {len(clips)}", 100 * len(gone) / len(clips), 5.0, "%")
    report("clips rendered again more gently", 100 * len(gentler) / len(clips), 5.0, "%")
