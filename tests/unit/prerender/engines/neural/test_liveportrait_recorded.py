"""Recorded motion as clips: from a template or a video to frames, from the still and back."""

import pickle
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from frame_app.base.errors import ConfigError, UsageError
from frame_app.base.paths import config_dir
from prerender.cli.main import app
from prerender.engines.base import Face, Rect
from prerender.engines.builtin_animate import BuiltinAnimate
from prerender.engines.builtin_faces import BuiltinFaces
from prerender.engines.liveportrait.driving import template_of_video
from prerender.engines.liveportrait.engine import FaceActor, LivePortrait
from prerender.engines.liveportrait.keypoints import rotation
from prerender.engines.liveportrait.painter import FacePainter
from prerender.engines.liveportrait.template import Template, read_template, save_template
from prerender.engines.neural.workbench import Compute, Workbench
from prerender.media.video import Codec, VideoWriter
from prerender.portrait.motion_files import load_repertoire
from tests.fakes.liveportrait import TINY, put, save
from tests.fakes.sitter import ASTRONAUT, sitter
from tests.fakes.weights import WeightsFolder

pytest.importorskip("torch", reason="the neural extra is not installed")
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::UserWarning")

BENCH = Compute(device="cpu", threads=1)
FRAMES, RATE = 21, 20.0


def published(path: Path) -> Path:
    """A template of a second, in which a head turns and a mouth opens."""
    at = np.linspace(0, 1, FRAMES, dtype=np.float32)
    motion = []
    for x in at:
        expression = np.zeros((1, 21, 3), np.float32)
        expression[0, 19, 1] = 0.06 * x
        turned = rotation(2.0, 12.0 * float(x), 0.0).astype(np.float32)[None]
        place = np.array([[0.05 * x, 0, 4]], np.float32)
        scale = np.full((1, 1), 1.2, np.float32)
        motion.append({"scale": scale, "R": turned, "exp": expression, "t": place})
    eyes = [np.full((1, 2), 0.35 - 0.3 * x, np.float32) for x in at]
    content = {"n_frames": FRAMES, "output_fps": RATE, "motion": motion, "c_eyes_lst": eyes}
    path.write_bytes(pickle.dumps(content))
    return path


@pytest.fixture
def home(weights: WeightsFolder, tmp_path: Path) -> Path:
    """A user with LivePortrait and a recording called yawn."""
    folder = tmp_path / "nets"
    folder.mkdir()
    put(weights, folder)
    call = ["motions", "import", str(published(tmp_path / "d.pkl")), "--name", "yawn"]
    done = CliRunner().invoke(app, [*call, "--family", "surprise"])
    assert done.exit_code == 0, done.output
    return config_dir() / "motions"


def make_actor() -> FaceActor:
    sat = sitter(ASTRONAUT)
    import cv2

    share = 256 / sat.subject.shape[1]
    subject = np.asarray(cv2.resize(sat.subject, None, fx=share, fy=share), np.uint8)
    matte = np.asarray(cv2.resize(sat.matte, None, fx=share, fy=share), np.float32)
    face = Face((sat.landmarks * share).astype(np.float32), Rect(0, 0, 1, 1), 1.0)
    engine = LivePortrait("liveportrait", Workbench(BENCH))
    return engine.actor(subject, matte, matte, face, seed=1)


def test_an_imported_recording_becomes_a_clip_that_starts_and_ends_on_the_still(home):
    assert {path.name for path in home.iterdir()} == {"yawn.npz", "yawn.toml"}
    actor = make_actor()
    plan = actor.clip("yawn", 20.0)
    assert (plan.family, plan.frames) == ("surprise", FRAMES)
    still, frames = actor.neutral(), list(actor.frames("yawn", 20.0, 0, plan.frames))
    assert (frames[0].colour == still.colour).all()
    assert (frames[-1].colour == still.colour).all()
    assert np.abs(frames[10].colour.astype(int) - still.colour).mean() > 1
    part = list(actor.frames("yawn", 20.0, 9, 11))
    assert (part[1].colour == frames[10].colour).all()


def test_a_recordings_knobs_are_in_its_file(home):
    actor = make_actor()
    (whole,) = actor.frames("yawn", 20.0, 8, 9)
    toml = home / "yawn.toml"
    toml.write_text(toml.read_text() + 'region = "lip"\nmultiplier = 0.5\neyes = true\n')
    (lips,) = make_actor().frames("yawn", 20.0, 8, 9)
    assert (whole.colour != lips.colour).any()
    toml.write_text(toml.read_text().replace("0.5", "0.0").replace("eyes = true", ""))
    quiet = make_actor()
    (nothing,) = quiet.frames("yawn", 20.0, 8, 9)
    assert (nothing.colour == quiet.neutral().colour).all()


def test_the_built_in_animator_does_not_offer_recordings(home):
    engine = BuiltinAnimate()
    sat = sitter(ASTRONAUT)
    face = Face(sat.landmarks, Rect(0, 0, 1, 1), 1.0)
    actor = engine.actor(sat.subject, sat.matte, sat.matte, face, 1)
    assert "yawn" not in actor.clip_names()
    assert "yawn" in load_repertoire().motions


def test_a_recording_that_is_gone_is_named(home):
    repertoire = load_repertoire()
    assert len(repertoire.material("yawn").split()) == 2
    (home / "yawn.npz").unlink()
    with pytest.raises(ConfigError, match=r"yawn\.npz"):
        repertoire.material("yawn")


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("[breath]\nrate_hz = 0.3", "recorded"),
        ('[recorded]\nfile = "../x.npz"', "file"),
        ('[recorded]\nfile = "yawn.npz"\nregion = "ears"', "region"),
    ],
)
def test_what_a_recording_cannot_have_is_said(home, line, words):
    text = (home / "yawn.toml").read_text()
    if line.startswith("[recorded]"):
        text = text[: text.index("[recorded]")]
    (home / "yawn.toml").write_text(f"{text}\n{line}\n")
    with pytest.raises(ConfigError, match=words):
        load_repertoire()


def test_a_name_that_is_no_name_is_refused(home, tmp_path):
    call = ["motions", "import", str(tmp_path / "d.pkl"), "--name", "No Name", "--family", "nod"]
    done = CliRunner().invoke(app, call)
    assert done.exit_code != 0
    assert isinstance(done.exception, (UsageError, SystemExit))


def test_a_video_of_a_face_becomes_a_template(tmp_path):
    sat = sitter(ASTRONAUT)
    height, width = (side // 2 * 2 for side in sat.subject.shape[:2])
    picture = sat.subject[:height, :width]
    pictures = [np.roll(picture, shift, axis=1) for shift in (0, 6, 12, 6)]
    painter = FacePainter(save(tmp_path), TINY, Workbench(BENCH))
    with BuiltinFaces() as finder:
        template = template_of_video(lambda: iter(pictures), 25.0, finder, painter)
        blank = [np.full_like(picture, 128)] * 3
        with pytest.raises(UsageError, match="0 of 3 frames"):
            template_of_video(lambda: iter(blank), 25.0, finder, painter)
    assert len(template) == 4
    assert template.points is not None
    save_template(template, tmp_path / "video.npz")
    again = read_template(tmp_path / "video.npz")
    assert np.array_equal(again.place, template.place)
    assert np.array_equal(again.rotation, template.rotation)


def test_the_command_reads_a_video_file(home, tmp_path):
    sat = sitter(ASTRONAUT)
    height, width = (side // 2 * 2 for side in sat.subject.shape[:2])
    path = tmp_path / "driving.mp4"
    with VideoWriter(path, width, height, 25.0, Codec(18.0, "ultrafast")) as writer:
        for _ in range(3):
            writer.write(sat.subject[:height, :width])
    done = CliRunner().invoke(
        app, ["motions", "import", str(path), "--name", "film", "--family", "nod"]
    )
    assert done.exit_code == 0, done.output
    assert isinstance(read_template(home / "film.npz"), Template)
