"""What an independent eye reads from the decoded clips of every test portrait."""

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
from tests.bench.witness import Box, Seen, Witness
from tests.fakes.sitter import ASTRONAUT, MONA_LISA, PEARL_EARRING, SHARED, change_of_shape
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
SIZE = "upscale.max_side_px=1350"  # what most frames show; no figure gains from more
# Lids are shut for a tenth of a second; everything else stays longer at its extreme.
RUNS = {
    "quick": (("blink",), "true", "30"),
    "slow": (("smile", "nod", "shake"), "false", "12"),
}
STEP_BACK_DEG = -3.0  # between neighbours of one line: the noise of the judge, as the gate has it


class Played(NamedTuple):
    """The clips of one portrait, decoded and laid over its plate, as a cut-out of the face."""

    folders: dict[str, Path]
    """Of the runs, by clip."""
    manifests: dict[str, Manifest]
    box: Box
    still: Seen

    def frames(self, clip: str, file: str, wanted: list[int] | None = None) -> Iterator[ImageU8]:
        """Frames of a clip, all or some."""
        folder, box = self.folders[clip], self.manifests[clip].actor_box
        plate = load_rgb(folder / layout.PLATE)
        inside = np.s_[box.y : box.y + box.height, box.x : box.x + box.width]
        shown = load_rgb(folder / layout.POSTER).copy()
        for index, both in enumerate(read_frames(folder / file)):
            if wanted is not None and index not in wanted:
                continue
            alpha = both[box.height :].astype(np.float32) / 255
            mixed = both[: box.height] * alpha + plate[inside] * (1 - alpha)
            shown[inside] = np.clip(mixed + 0.5, 0, 255).astype(np.uint8)
            yield np.ascontiguousarray(shown[self.box])

    def clip(self, name: str, every: int = 1) -> list[ImageU8]:
        """Frames of a clip that passed the quality gate."""
        found = [clip for clip in self.manifests[name].clips if clip.name == name]
        assert found, f"{name} was left out"
        return list(self.frames(name, found[0].video.file, list(range(0, found[0].frames, every))))


@pytest.fixture(scope="module")
def witness() -> Iterator[Witness]:
    witness = Witness()
    yield witness
    witness.close()


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """All portraits at once, so that both cores are busy; the stills of one run serve the other."""
    workplace = tmp_path_factory.mktemp("faces")
    photos = []
    for name in NAMES:
        path, change = VARIANTS[name] if name in VARIANTS else (WHOLE[name], np.copy)
        if path.is_file():
            photos.append(workplace / f"{name}.png")
            Image.fromarray(np.asarray(change(load_rgb(path)))).save(photos[-1])
    libraries = {}
    for run, (clips, gaze, fps) in RUNS.items():
        recipe = workplace / f"{run}.toml"
        recipe.write_text(
            f'description = "read back"\nclips = {list(clips)}\ngaze = {gaze}\n', "utf-8"
        )
        changes = ["--set", SIZE, "--set", f"animate.fps={fps}"]
        libraries[run] = workplace / run
        given = [*map(str, photos), "--recipe", str(recipe), *changes]
        prerender(workplace, "run", *given, library=run)
    return libraries


@pytest.fixture(scope="module", params=NAMES)
def played(request: pytest.FixtureRequest, library: dict[str, Path], witness: Witness) -> Played:
    name: str = request.param
    folders, manifests = {}, {}
    for run, (clips, *_) in RUNS.items():
        with open_library(library[run]) as opened:
            found = [entry for entry in opened.entries if entry.id == name]
            if not found:
                pytest.skip(f"the picture of {name} is not beside this checkout")
            for clip in (*clips, run):
                folders[clip], manifests[clip] = opened.folder(found[0]), opened.manifest(found[0])
    poster = load_rgb(folders["quick"] / layout.POSTER)
    box = witness.box(poster)
    return Played(folders, manifests, box, witness.read(np.ascontiguousarray(poster[box])))


def test_blink_is_read(
    request: pytest.FixtureRequest, played: Played, witness: Witness, report: Report
) -> None:
    name, frames = _name(request), played.clip("blink", 2)
    quick = [witness.read(frame, once=True).shapes for frame in frames]
    shut = int(np.argmax([s["eyeBlinkLeft"] + s["eyeBlinkRight"] for s in quick]))
    seen = witness.read(frames[shut])
    both = min(seen.shapes["eyeBlinkLeft"], seen.shapes["eyeBlinkRight"])
    if both >= 0.5:
        report(f"{name}: eyeBlink of both eyes", both, 0.5, "", at_least=True)
    else:  # the judge misreads small and painted lids: the aspect ratio of the eyes instead
        falls = [1 - now / then for now, then in zip(seen.aspect, played.still.aspect, strict=True)]
        what = f"{name}: eyes closed by (eyeBlink {both:.2f})"
        report(what, min(falls), 0.7, "", at_least=True)


def test_smile_is_read(
    request: pytest.FixtureRequest, played: Played, witness: Witness, report: Report
) -> None:
    seen = [witness.read(frame, once=True).shapes for frame in played.clip("smile", 2)]
    smiles = [(s["mouthSmileLeft"] + s["mouthSmileRight"]) / 2 for s in seen]
    if smiles[0] < 0.5:  # who smiles already cannot smile much more
        gain = max(smiles) - smiles[0]
        report(f"{_name(request)}: mouthSmile over the still", gain, 0.3, "", at_least=True)


def test_nod_and_shake_are_read(
    request: pytest.FixtureRequest, played: Played, witness: Witness, report: Report
) -> None:
    name = _name(request)
    nods = _read_extremes(witness, played.clip("nod"), "pitch_deg")
    report(f"{name}: nod", nods[0] - min(nods), 8.0, "deg", at_least=True)
    yaws = _read_extremes(witness, played.clip("shake"), "yaw_deg")
    less, more = yaws[0] - min(yaws), max(yaws) - yaws[0]
    report(f"{name}: shake", min(less, more), 8.0, "deg", at_least=True)


def test_gaze_is_read(
    request: pytest.FixtureRequest, played: Played, witness: Witness, report: Report
) -> None:
    name, gaze = _name(request), played.manifests["quick"].gaze
    assert gaze is not None
    wide, high = len(gaze.yaw_deg), len(gaze.pitch_deg)
    report(f"{name}: directions of the gaze sheet", wide * high, 55, "", at_least=True)
    cells = played.frames("quick", gaze.video.file, list(range(wide * high)))
    looks = np.array([witness.read(cell).look_deg for cell in cells]).reshape(high, wide, 2)
    middle = int(np.argmin(np.abs(gaze.pitch_deg))), int(np.argmin(np.abs(gaze.yaw_deg)))
    looks = looks - looks[middle]
    row, column = looks[middle[0], :, 0], looks[:, middle[1], 1]
    off = np.abs(row - gaze.yaw_deg).max()
    report(f"{name}: gaze off its cell, middle row", float(off), 6.0, "deg")
    off = np.abs(column - gaze.pitch_deg).max()
    report(f"{name}: gaze off its cell, middle column", float(off), 6.0, "deg")
    for what, lines in (("rows", looks[..., 0]), ("columns", looks[..., 1].T)):
        steps = np.diff(lines, axis=1)
        report(
            f"{name}: least step of all {what}", steps.min(), STEP_BACK_DEG, "deg", at_least=True
        )
        mean = float(steps.mean(axis=0).min())
        report(f"{name}: least step of the mean of all {what}", mean, 0.0, "deg", at_least=True)


def test_who_it_is_stays(request: pytest.FixtureRequest, played: Played, report: Report) -> None:
    frames = played.clip("nod")
    poster = load_rgb(played.folders["nod"] / layout.POSTER)[played.box]
    change = max(change_of_shape(frame, poster) for frame in (frames[0], frames[-1]))
    report(f"{_name(request)}: shape of a neutral frame", 100 * change, 1.0, "%")


def _read_extremes(witness: Witness, frames: list[ImageU8], what: str) -> list[float]:
    """An angle of the first frame and of those farthest from it, each read several times."""
    quick = [getattr(witness.read(frame, once=True), what) for frame in frames]
    chosen = [frames[0], *(frames[i] for i in (int(np.argmin(quick)), int(np.argmax(quick))))]
    return [getattr(witness.read(frame), what) for frame in chosen]


def _name(request: pytest.FixtureRequest) -> str:
    return str(request.node.callspec.params["played"])
