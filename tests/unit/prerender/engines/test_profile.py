import numpy as np
import pytest

from frame_app.base.optional import require
from prerender.engines.profile import Verdict, head_pose, profile_face, profile_picture

cv2 = require("cv2")

# Read with face_landmarker.task's transformation matrix: yaw, roll in degrees.
JUDGED = {
    "bouguereau-girl-reading": (0, 0),
    "einstein-1904": (-10, -3),
    "girl-with-a-pearl-earring": (-34, 12),
    "mona-lisa": (-18, 3),
}


@pytest.mark.parametrize("name", JUDGED)
def test_poses_agree_with_an_independent_judge(finder, portraits, name):
    pose = head_pose(finder.find(portraits[name])[0])
    assert pose.yaw_deg == pytest.approx(JUDGED[name][0], abs=6)
    assert pose.roll_deg == pytest.approx(JUDGED[name][1], abs=6)
    assert abs(pose.pitch_deg) < 20


def test_a_mirrored_head_looks_the_other_way(finder, portraits):
    picture = portraits["girl-with-a-pearl-earring"]
    mirrored = finder.find(np.ascontiguousarray(picture[:, ::-1]))[0]
    one, other = head_pose(finder.find(picture)[0]), head_pose(mirrored)
    assert other.yaw_deg == pytest.approx(-one.yaw_deg, abs=5)
    assert other.roll_deg == pytest.approx(-one.roll_deg, abs=5)


def test_a_turned_picture_turns_the_roll(finder, demo, demo_faces):
    matrix = cv2.getRotationMatrix2D((235, 125), -20, 1)  # clockwise for the viewer
    turned = cv2.warpAffine(demo, matrix, (512, 512), borderMode=cv2.BORDER_REPLICATE)
    before, after = head_pose(demo_faces[0]), head_pose(finder.find(turned)[0])
    assert after.roll_deg - before.roll_deg == pytest.approx(20, abs=4)


def test_the_demo_animates_well_and_scores_are_parts_of_one(demo, demo_faces):
    profile = profile_picture(cv2.resize(demo, (1024, 1024)), ())
    assert profile.findings == ("no face was found; there is nothing to animate",)
    face = profile_face(demo, demo_faces[0])
    assert set(face.scores) == {"resolution", "sharpness", "light", "pose", "uncovered", "eyes"}
    assert all(0 <= score <= 1 for score in face.scores.values())
    assert face.verdict is not Verdict.POOR


def test_blur_is_seen_and_said(demo, demo_faces):
    sharp = profile_face(demo, demo_faces[0])
    blurred = profile_face(cv2.GaussianBlur(demo, (0, 0), 2.5), demo_faces[0])
    assert sharp.scores["sharpness"] > blurred.scores["sharpness"] + 0.3
    assert any("blurred" in words for words in blurred.findings)
    assert not any("blurred" in words for words in sharp.findings)


@pytest.mark.parametrize(
    ("change", "word"),
    [(lambda image: image // 8, "dark"), (lambda image: np.maximum(image, 248), "burnt")],
)
def test_bad_light_is_seen_and_said(demo, demo_faces, change, word):
    face = profile_face(change(demo), demo_faces[0])
    assert face.scores["light"] < 0.3
    assert any(word in words for words in face.findings)
    assert face.verdict is not Verdict.GOOD


def test_a_tiny_face_is_poor_and_says_its_size(finder, demo):
    small = cv2.resize(demo, (150, 150), interpolation=cv2.INTER_AREA)
    profile = profile_picture(small, finder.find(small))
    assert profile.faces[0].verdict is Verdict.POOR
    assert any("pixels high" in words for words in profile.faces[0].findings)
    assert any("few pixels" in words for words in profile.findings)


def test_a_covered_face_is_noticed(demo, demo_faces):
    box = demo_faces[0].box
    masked = demo.copy()
    top = int(box.y + 0.55 * box.height)
    masked[top : int(box.y + box.height), int(box.x) : int(box.x + box.width)] = (40, 90, 200)
    face = profile_face(masked, demo_faces[0])
    assert face.scores["uncovered"] < 0.5
    assert any("covers" in words for words in face.findings)


def test_the_worst_finding_comes_first(finder, portraits):
    picture = portraits["girl-with-a-pearl-earring"]
    face = profile_face(picture, finder.find(picture)[0])
    assert face.verdict is Verdict.LIMITED
    assert "turned" in face.findings[0]


@pytest.mark.parametrize("side", [140, 260, 380, 512, 700, 1000])
def test_a_verdict_that_is_not_good_gives_its_reason(finder, demo, side):
    scaled = cv2.resize(demo, (side, side), interpolation=cv2.INTER_AREA)
    face = profile_face(scaled, finder.find(scaled)[0])
    reasons = [words for words in face.findings if "mouth" not in words]
    assert (face.verdict is Verdict.GOOD) == (reasons == [])


def test_a_person_lost_in_a_wide_picture_is_mentioned(demo, demo_faces):
    wide = cv2.copyMakeBorder(demo, 0, 0, 0, 1500, cv2.BORDER_REPLICATE)
    assert any("cut it closer" in words for words in profile_face(wide, demo_faces[0]).findings)
    assert not any("cut it" in words for words in profile_face(demo, demo_faces[0]).findings)
