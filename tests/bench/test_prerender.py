"""What a portrait costs to make."""

import subprocess
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import pytest

from frame_app.cliplib.reader import open_library
from prerender.media.video import Codec, VideoWriter, read_frames
from prerender.stages.encode import EncodeParams
from tests.bench.figures import BIN, Report, prerender, save_photo
from tests.bench.memory import Peak

pytestmark = pytest.mark.bench
JOBS = 2
_LIMIT_S = 500.0
# Of 11 s of encoding: 9 s go into starting, what is done once per portrait, and the report; to look
# a moved picture up takes 5 ms a frame and to decode it for the quality gate 2 ms, another 9 s.
LOOKED_AT = "posing a frame and looking at it take as long as encoding it"


def encode_again(video: Path, codec: Codec, out: Path) -> float:
    """Seconds to encode the frames of a clip, which are in memory before the clock starts."""
    frames = list(read_frames(video))
    height, width, _ = frames[0].shape
    began = time.perf_counter()
    with VideoWriter(out, width, height, 30.0, codec) as writer:
        for frame in frames:
            writer.write(frame)
    return time.perf_counter() - began


def encoding_alone_s(library_root: Path, out: Path) -> float:
    """Wall time of encoding all clips of the first portrait, on as many processes as the run."""
    params = EncodeParams()
    with open_library(library_root) as library:
        entry = library.entries[0]
        manifest = library.manifest(entry)
        folder = library.folder(entry)
    gop = round(params.gop_s * 30.0)
    work = [
        (folder / clip.video.file, Codec(params.crf, params.preset, gop=gop))
        for clip in manifest.clips
    ]
    assert manifest.gaze is not None
    sheet = Codec(params.sheet_crf, params.preset, gop=1)
    work.append((folder / manifest.gaze.video.file, sheet))
    with ProcessPoolExecutor(JOBS, mp_context=get_context("spawn")) as pool:
        jobs = [
            pool.submit(encode_again, video, codec, out / f"{number}.mp4")
            for number, (video, codec) in enumerate(work)
        ]
        return sum(job.result() for job in jobs) / JOBS


def test_run_and_second_run(photo: Path, workplace: Path, tmp_path: Path, report: Report) -> None:
    began = time.perf_counter()
    prerender(workplace, "run", str(photo), "--jobs", str(JOBS))
    first_s = time.perf_counter() - began

    library = workplace / "library"
    before = {path: path.stat().st_mtime_ns for path in library.rglob("*")}
    began = time.perf_counter()
    prerender(workplace, "run", str(photo), "--jobs", str(JOBS))
    second_s = time.perf_counter() - began
    assert {path: path.stat().st_mtime_ns for path in library.rglob("*")} == before

    alone_s = encoding_alone_s(library, tmp_path)
    report("photo to published library, 1080 x 1350, default recipe", first_s, 60.0, "s")
    report("second run, nothing changed", second_s, 1.0, "s")
    what = "the first run against encoding the same frames alone"
    report(what, first_s / alone_s, 2.0, "x", beyond=LOOKED_AT)


# Runs in a process of its own, so that its peak is its own.
CLIP = """
import resource, sys
from pathlib import Path
import numpy as np
from PIL import Image
from prerender.engines.builtin_animate import BuiltinAnimate
from prerender.engines.builtin_faces import BuiltinFaces
from prerender.core.clipwatch import ClipWatch
from prerender.core.stage import FrameStream
from prerender.media.video import Codec
from prerender.stages.encode import EncodeParams, write_frames

photo, motions, out = (Path(argument) for argument in sys.argv[1:])
image = np.asarray(Image.open(photo).convert("RGB"))
faces = BuiltinFaces()
face = faces.find(image)[0]
height, width, _ = image.shape
matte = np.ones((height, width), np.float32)
actor = BuiltinAnimate(motions).actor(image, matte, matte, face, 1)
plan = actor.clip("idle", 3.0)
watch, params = ClipWatch(actor.neutral()), EncodeParams()
frames = actor.frames("idle", plan.fps, 0, plan.frames)
stream = FrameStream(plan, frames, actor.neutral(), actor.box, actor.measured)
write_frames(out, stream, Codec(params.crf, params.preset), watch)
watch.exits(), watch.jumps(plan.fps)
print(plan.frames, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


def peak_of_clip_mb(photo: Path, folder: Path, duration_s: float) -> tuple[int, float]:
    """Frames of an idle clip of that length, and the peak memory of making it."""
    root = folder / f"{duration_s:g}-seconds"
    motions = root / "motions"
    motions.mkdir(parents=True)
    (motions / "idle.toml").write_text(
        f'name = "idle"\nabout = "rest"\nfamily = "idle"\nduration_s = {duration_s}\nloop = true\n'
        "[breath]\nrate_hz = 0.25\namplitude = 1.0\n"
        '[[drift]]\nparameter = "yaw"\namplitude = 2.0\nlow_hz = 0.1\nhigh_hz = 0.4\n'
    )
    done = subprocess.run(
        [sys.executable, "-c", CLIP, str(photo), str(root), str(folder / "clip.mp4")],
        capture_output=True,
        text=True,
        check=True,
    )
    frames, kilobytes = done.stdout.split()[-2:]
    return int(frames), int(kilobytes) / 1024


def test_memory_does_not_grow_with_the_length_of_a_clip(tmp_path: Path, report: Report) -> None:
    photo = save_photo(tmp_path / "4k.png", (3072, 3840))
    short_frames, short_mb = peak_of_clip_mb(photo, tmp_path, 4.0)
    long_frames, long_mb = peak_of_clip_mb(photo, tmp_path, 40.0)
    assert long_frames > 9 * short_frames
    report(
        "peak memory of a 40 s clip against a 4 s clip, 4K canvas", long_mb / short_mb, 1.05, "x"
    )


def test_peak_memory_of_a_run_on_a_4k_canvas(tmp_path: Path, report: Report) -> None:
    """All processes of a run together, with the number of workers it chooses itself.

    One clip: frames flow one by one, and the test above shows that more of them need no more.
    """
    photo = save_photo(tmp_path / "4k.png", (3072, 3840))
    size = ("intake.max_side_px=3840", "upscale.min_side_px=3840", "upscale.max_side_px=3840")
    changes = (*size, "clips=blink", "gaze=false")
    command = [str(BIN / "prerender"), "run", str(photo), "--quiet"]
    command += ["--library", str(tmp_path / "library"), "--store", str(tmp_path / "store")]
    command += [part for change in changes for part in ("--set", change)]
    with subprocess.Popen(command) as process, Peak(process.pid) as peak:
        assert process.wait(_LIMIT_S) == 0
    report("peak memory of a whole run, 4K canvas, default jobs", peak.total_bytes / 1e9, 1.5, "GB")
