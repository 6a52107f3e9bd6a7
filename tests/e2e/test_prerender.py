"""`prerender` as a user runs it: real processes, real engines, real files."""

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import psutil
import pytest
from PIL import Image

from frame_app.base.paths import shipped
from frame_app.cliplib import reader
from frame_app.cliplib.schema import Family
from prerender.media.frames import psnr_db, split
from prerender.media.image import load_grey16, load_rgb, load_rgba, over
from prerender.media.provenance import read_xmp_box
from prerender.media.video import read_frames
from tests.fakes.runs import make_photo, tree

ROOT = Path(__file__).resolve().parents[2]
ASTRONAUT = shipped("assets", "demo", "astronaut.png")
SMALL = ["--set", "clips=idle,smile", "--set", "upscale.min_side_px=512"]

IDLE = {
    "cv2",
    "mediapipe",
    "multiprocessing.spawn",
    "prerender.cli.models",
    "prerender.core.pool",
    "prerender.core.reportpage",
    "rich",
    "ssl",
    "torch",
}
"""What a run with nothing to do has no use for."""


def command(*words: str | Path, cwd: Path = ROOT) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(
        [sys.executable, "-m", "prerender", *map(str, words)],
        capture_output=True,
        text=True,
        check=False,
        cwd=cwd,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert "Traceback" not in done.stderr
    return done


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the library and the store of one real run."""
    root = tmp_path_factory.mktemp("made")
    done = command(
        "run", ASTRONAUT, "--library", root / "library", "--store", root / "store", *SMALL
    )
    assert done.returncode == 0, done.stderr
    return root


def places(root: Path) -> list[str]:
    return ["--library", str(root / "library"), "--store", str(root / "store")]


def test_the_library_verifies_and_holds_what_was_asked_for(made: Path) -> None:
    assert list(reader.verify(made / "library")) == []
    with reader.open_library(made / "library") as library:
        manifest = library.manifest(library.entries[0])
    assert (manifest.canvas.width, manifest.canvas.height) == (512, 512)
    assert {clip.family for clip in manifest.clips} == {Family.IDLE, Family.SMILE}
    assert manifest.gaze is not None
    assert manifest.gaze.frames >= 11 * 5 * 2
    idle = manifest.clips[0]
    assert 8.0 <= idle.duration_s <= 12.5
    assert idle.exits
    assert idle.jumps
    assert manifest.eyes is not None
    assert manifest.eyes.left.x > manifest.eyes.right.x  # her left is the viewer's right


def test_poster_and_first_frames_are_the_layers_put_together(made: Path) -> None:
    with reader.open_library(made / "library") as library:
        folder = library.folder(library.entries[0])
        manifest = library.manifest(library.entries[0])
    plate = load_rgb(folder / manifest.scene.plate.file)
    subject, alpha = load_rgba(folder / manifest.scene.subject.file)
    still = over(subject, alpha, plate)
    with Image.open(folder / manifest.poster.file) as poster:
        assert psnr_db(np.asarray(poster.convert("RGB"), np.uint8), still) > 38
    box = manifest.actor_box
    inside = np.s_[box.y : box.y + box.height, box.x : box.x + box.width]
    for clip in manifest.clips:
        colour, matte = split(next(read_frames(folder / clip.video.file)))
        assert psnr_db(over(colour, matte, plate[inside]), still[inside]) >= 40
        assert clip.scores["border_max"] <= 1
        assert clip.scores["end_db"] >= 40
    depth = load_grey16(folder / manifest.scene.subject_depth.file)
    eye = manifest.eyes.left if manifest.eyes else None
    assert eye is not None
    behind = load_grey16(folder / manifest.scene.plate_depth.file)
    assert depth[int(eye.y), int(eye.x)] > behind[int(eye.y), int(eye.x)]


def test_every_picture_says_in_itself_how_it_came_to_be(made: Path) -> None:
    with reader.open_library(made / "library") as library:
        folder = library.folder(library.entries[0])
        manifest = library.manifest(library.entries[0])
    wanted = manifest.provenance.digital_source_type.encode()
    assert wanted in (folder / manifest.poster.file).read_bytes()
    assert wanted in (folder / manifest.scene.subject.file).read_bytes()
    for clip in manifest.clips:
        assert wanted in read_xmp_box(folder / clip.video.file)


def test_a_second_run_changes_no_file_starts_no_worker_and_loads_nothing_heavy(made: Path) -> None:
    before = {path: path.stat().st_mtime_ns for path in made.rglob("*")}
    code = (
        "import sys; from prerender.cli.main import main\n"
        "try: main()\n"
        f"finally: print(sorted({IDLE} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, "run", str(ASTRONAUT), *places(made), *SMALL],
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
    )
    assert "1 unchanged" in done.stdout
    assert done.stdout.endswith("[]\n")
    assert before == {path: path.stat().st_mtime_ns for path in made.rglob("*")}


def test_inspect_reads_the_face(made: Path) -> None:
    done = command("inspect", ASTRONAUT, "--json")
    document = json.loads(done.stdout)
    assert (document["width"], document["height"]) == (512, 512)
    (face,) = document["faces"]
    assert abs(face["box"]["x"] + face["box"]["width"] / 2 - 225) < 25


def test_a_picture_without_a_face_is_named_with_exit_code_4(tmp_path: Path) -> None:
    photo = make_photo(tmp_path / "curtain.png")
    done = command("run", photo, *places(tmp_path))
    assert done.returncode == 4
    assert "curtain.png: no face was found" in done.stderr
    assert not (tmp_path / "library" / "library.json").exists()


def test_ctrl_c_leaves_130_and_no_process_behind(tmp_path: Path) -> None:
    words = ["run", str(ASTRONAUT), *places(tmp_path), *SMALL]
    with subprocess.Popen(
        [sys.executable, "-m", "prerender", *words],
        stderr=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    ) as process:
        assert process.stderr is not None
        for line in process.stderr:
            if "intake done" in line:
                break
        children = psutil.Process(process.pid).children(recursive=True)
        assert children
        process.send_signal(signal.SIGINT)
        rest = process.stderr.read()
        assert process.wait(20) == 130
    assert "interrupted" in rest
    assert "Traceback" not in rest
    _, alive = psutil.wait_procs(children, timeout=10)
    assert not alive


@pytest.fixture
def tiny_disk(tmp_path: Path):
    """A file system of 3 MB; only root can make one."""
    where = tmp_path / "tiny"
    where.mkdir()
    words = ["mount", "-t", "tmpfs", "-o", "size=3m", "tmpfs", str(where)]
    try:
        done = subprocess.run(words, capture_output=True, check=False)
    except FileNotFoundError:
        pytest.skip("there is no mount command")
    if done.returncode:
        pytest.skip("a small file system can only be mounted by root")
    yield where
    subprocess.run(["umount", "-l", str(where)], check=True)


@pytest.mark.parametrize("what", ["store", "library"])
def test_a_full_disk_is_a_sentence_and_loses_nothing(
    made: Path, tmp_path: Path, tiny_disk: Path, what: str
) -> None:
    paths = {"library": tmp_path / "library", "store": tmp_path / "store"}
    shutil.copytree(made / "library", paths["library"])
    shutil.copytree(made / "store", paths["store"])
    before = tree(paths["library"])
    paths[what] = tiny_disk / what
    photo = tmp_path / "other.png"
    Image.open(ASTRONAUT).convert("RGB").rotate(3).save(photo)
    chosen = ASTRONAUT if what == "library" else photo
    done = command("run", chosen, "--library", paths["library"], "--store", paths["store"], *SMALL)
    assert done.returncode == 6, done.stderr
    assert "the disk is full" in done.stderr
    if what == "store":
        assert tree(paths["library"]) == before
    else:
        assert not (paths["library"] / "library.json").exists()


def test_kill_9_at_any_instant_leaves_a_valid_library_and_the_same_bytes(tmp_path: Path) -> None:
    chance = random.Random(7)  # noqa: S311 (the same instants every time)

    def start(root: Path) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [sys.executable, "-m", "tests.fakes.runs", str(root)],
            cwd=ROOT,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    whole = tmp_path / "whole"
    photo = make_photo(whole / "photo.png")
    began = time.monotonic()
    assert start(whole).wait() == 0
    took_s = time.monotonic() - began
    torn = tmp_path / "torn"
    torn.mkdir()
    shutil.copy(photo, torn / "photo.png")
    for _ in range(5):
        process = start(torn)
        time.sleep(chance.uniform(0.2, 1.0) * took_s)
        process.kill()
        process.wait()
        if (torn / "library" / "library.json").exists():
            assert list(reader.verify(torn / "library")) == []
            shutil.rmtree(torn / "library")
            for artifact in sorted((torn / "store").glob("*/*"))[::2]:
                shutil.rmtree(artifact, ignore_errors=True)  # so that there is work again
    assert start(torn).wait() == 0
    assert tree(torn / "library") == tree(whole / "library")
