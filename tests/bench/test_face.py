"""What an independent eye reads from the decoded clips of every test portrait."""

import itertools
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest
from PIL import Image

from frame_app.base.arrays import ImageU8
from frame_app.cliplib import layout
from frame_app.cliplib.reader import open_library
from frame_app.cliplib.schema import Manifest
from prerender.media.image import load_rgb
from prerender.media.video import read_frames
from tests.bench.figures import Report, prerender
from tests.fakes.sitter import (
    ASTRONAUT,
    MONA_LISA,
    PEARL_EARRING,
    SHARED,
    Judge,
    change_of_shape,
    eye_angle_deg,
    eyes_closed_by,
)
from tests.fakes.variants import VARIANTS

pytestmark = [
    pytest.mark.bench,
    pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::UserWarning"),
]

PORTRAITS = SHARED / "portraits"
WHOLE = {
    "astronaut": ASTRONAUT,
    "mona-lisa": MONA_LISA,
    "pearl-earring": PEARL_EARRING,
    "bouguereau": PORTRAITS / "bouguereau-girl-reading.jpg",
    "einstein": PORTRAITS / "einstein-1904.jpg",
}
NAMES = (*WHOLE, *VARIANTS)
RECIPE = (
    'description = "what is read back"\nclips = ["blink", "smile", "nod", "shake"]\ngaze = true\n'
)


class Played(NamedTuple):
    """The clips of one portrait, decoded and laid over its plate."""

    folder: Path
    manifest: Manifest

    def frames(self, file: str, wanted: list[int] | None = None) -> Iterator[ImageU8]:
        """Frames of a clip, all or some, as the whole picture."""
        box = self.manifest.actor_box
        plate = load_rgb(self.folder / layout.PLATE)
        inside = np.s_[box.y : box.y + box.height, box.x : box.x + box.width]
        poster = load_rgb(self.folder / layout.POSTER)
        for index, both in enumerate(read_frames(self.folder / file)):
            if wanted is not None and index not in wanted:
                continue
            alpha = both[box.height :].astype(np.float32) / 255
            picture = poster.copy()
            mixed = both[: box.height] * alpha + plate[inside] * (1 - alpha)
            picture[inside] = np.clip(mixed + 0.5, 0, 255).astype(np.uint8)
            yield picture

    def clip(self, name: str) -> list[ImageU8]:
        """Every second frame of a clip."""
        (clip,) = (clip for clip in self.manifest.clips if clip.name == name)
        return list(self.frames(clip.video.file, list(range(0, clip.frames, 2))))


@pytest.fixture(scope="module")
def judge() -> Iterator[Judge]:
    judge = Judge()
    yield judge
    judge.close()


@pytest.fixture(scope="module", params=NAMES)
def played(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Played:
    name: str = request.param
    workplace = tmp_path_factory.mktemp(name)
    path, change = VARIANTS[name] if name in VARIANTS else (WHOLE[name], np.copy)
    if not path.is_file():
        pytest.skip(f"{path.name} is not beside this checkout")
    photo, recipe = workplace / f"{name}.png", workplace / "read.toml"
    Image.fromarray(np.asarray(change(load_rgb(path)))).save(photo)
    recipe.write_text(RECIPE, "utf-8")
    prerender(workplace, "run", str(photo), "--recipe", str(recipe))
    with open_library(workplace / "library") as library:
        entry = library.entries[0]
        return Played(library.folder(entry), library.manifest(entry))


def test_blink_is_read(played: Played, judge: Judge, report: Report) -> None:
    name, frames = played.manifest.id, played.clip("blink")
    scores = [judge.read(frame) for frame in frames]
    shut = [min(s["eyeBlinkLeft"], s["eyeBlinkRight"]) for s in scores]
    middle = [s["eyeBlinkLeft"] + s["eyeBlinkRight"] for s in scores]
    if max(shut) >= 0.5:
        report(f"{name}: eyeBlink of both eyes", max(shut), 0.5, "", at_least=True)
    else:  # the judge misreads small and painted lids: the aspect ratio of the eyes instead
        closed = eyes_closed_by(frames[int(np.argmax(middle))], frames[0])
        report(f"{name}: eyes closed by (eyeBlink {max(shut):.2f})", closed, 0.7, "", at_least=True)


def test_smile_is_read(played: Played, judge: Judge, report: Report) -> None:
    scores = [judge.read(frame) for frame in played.clip("smile")]
    smiles = [(s["mouthSmileLeft"] + s["mouthSmileRight"]) / 2 for s in scores]
    if smiles[0] < 0.5:  # who smiles already cannot smile much more
        gain = max(smiles) - smiles[0]
        report(f"{played.manifest.id}: mouthSmile over the still", gain, 0.3, "", at_least=True)


def test_nod_and_shake_are_read(played: Played, judge: Judge, report: Report) -> None:
    nods = [judge.read(frame)["pitch"] for frame in played.clip("nod")]
    report(f"{played.manifest.id}: nod", nods[0] - min(nods), 8.0, "deg", at_least=True)
    yaws = [judge.read(frame)["yaw"] for frame in played.clip("shake")]
    less, more = yaws[0] - min(yaws), max(yaws) - yaws[0]
    report(f"{played.manifest.id}: shake", min(less, more), 8.0, "deg", at_least=True)


def test_gaze_is_read(played: Played, judge: Judge, report: Report) -> None:
    gaze = played.manifest.gaze
    assert gaze is not None
    width, row = len(gaze.yaw_deg), len(gaze.pitch_deg) // 2
    cells = list(played.frames(gaze.video.file, list(range(row * width, (row + 1) * width))))
    still = cells[width // 2]
    ahead = judge.read(still)["yaw"]
    seen = [judge.read(cell)["yaw"] - ahead + eye_angle_deg(cell, still) for cell in cells]
    worst = max(abs(a - b) for a, b in zip(seen, gaze.yaw_deg, strict=True))
    report(f"{played.manifest.id}: gaze off its cell, middle row", worst, 6.0, "deg")
    steps = [b - a for a, b in itertools.pairwise(seen)]
    report(f"{played.manifest.id}: least step of gaze", min(steps), 0.0, "deg", at_least=True)


def test_who_it_is_stays(played: Played, report: Report) -> None:
    frames = played.clip("nod")
    poster = load_rgb(played.folder / layout.POSTER)
    change = max(change_of_shape(frame, poster) for frame in (frames[0], frames[-1]))
    report(f"{played.manifest.id}: shape of a neutral frame", 100 * change, 1.0, "%")
