import numpy as np
import pytest

from frame_app.base.arrays import ImageU8
from frame_app.base.optional import require
from prerender.engines.base import Face
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
    assert profile.findings == ("no face was found, so nobody can come alive",)
    face = profile_face(demo, demo_faces[0])
    assert set(face.scores) == {
        "resolution",
        "sharpness",
        "light",
        "clean",
        "pose",
        "uncovered",
        "eyes",
    }
    assert 0 <= min(face.scores.values()) <= face.overall <= 1
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
    [(lambda image: image // 8, "dark"), (lambda image: np.maximum(image, 248), "white in places")],
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
    assert any("dots from forehead" in words for words in profile.faces[0].findings)
    assert any("very small picture" in words for words in profile.findings)


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
    reasons = [words for words in face.findings if "mouth is" not in words]
    assert (face.verdict is Verdict.GOOD) == (reasons == [])


def test_a_person_lost_in_a_wide_picture_is_mentioned(demo, demo_faces):
    wide = cv2.copyMakeBorder(demo, 0, 0, 0, 1500, cv2.BORDER_REPLICATE)
    assert any("cut it closer" in words for words in profile_face(wide, demo_faces[0]).findings)
    assert not any("cut it" in words for words in profile_face(demo, demo_faces[0]).findings)


def drawn_fingers(picture: ImageU8, face: Face) -> ImageU8:
    """Four fingers from the right over mouth and cheek, of the skin's own colour."""
    drawn, (x, y), width = picture.copy(), face.landmarks[50, :2].astype(int), face.box.width
    skin = np.median(picture[y - 3 : y + 4, x - 3 : x + 4].reshape(-1, 3), axis=0)
    middle = face.box.x + width / 2
    for number in range(4):
        row = face.landmarks[0, 1] - 0.16 * width + number * 0.15 * width
        for lower, thick, shade in ((0.0, 0.14, 0.75 + 0.08 * number), (0.07, 0.015, 0.4)):
            start = (int(middle + 0.8 * width), int(row + (0.1 + lower) * width))
            end = (int(middle - 0.25 * width), int(row + lower * width))
            colour = tuple(float(value) for value in np.clip(skin * shade, 0, 255))
            cv2.line(drawn, start, end, colour, max(1, int(thick * width)), cv2.LINE_AA)
    return drawn


def with_glasses(picture: ImageU8, face: Face, *, dark: bool) -> ImageU8:
    drawn, radius = picture.copy(), int((0.42 if dark else 0.33) * face.interocular_px)
    places = [tuple(int(v) for v in face.landmarks[iris, :2]) for iris in (468, 473)]
    for place in places:
        cv2.circle(drawn, place, radius, (18, 18, 22), -1 if dark else 3, cv2.LINE_AA)
    (x0, y0), (x1, y1) = places
    cv2.line(drawn, (x0 + radius, y0), (x1 - radius, y1), (18, 18, 22), 3, cv2.LINE_AA)
    return drawn


@pytest.mark.parametrize("name", ["bouguereau-girl-reading", "einstein-1904", "mona-lisa"])
def test_fingers_before_the_face_are_told_from_a_bare_cheek(finder, portraits, name):
    picture = portraits[name]
    face = finder.find(picture)[0]
    bare, held = profile_face(picture, face), profile_face(drawn_fingers(picture, face), face)
    assert bare.scores["uncovered"] > held.scores["uncovered"] + 0.2
    assert any("covers" in words for words in held.findings)
    assert not any("covers" in words for words in bare.findings)


@pytest.mark.parametrize("name", ["bouguereau-girl-reading", "einstein-1904", "mona-lisa"])
def test_dark_glasses_hide_the_eyes_and_clear_ones_do_not(finder, portraits, name):
    picture = portraits[name]
    face = finder.find(picture)[0]
    dark = profile_face(with_glasses(picture, face, dark=True), face)
    assert dark.verdict is Verdict.POOR
    assert any("dark glasses" in words for words in dark.findings)
    assert not dark.abilities["blinking"]
    clear = profile_face(with_glasses(picture, face, dark=False), face)
    assert clear.abilities["blinking"]
    assert any("glasses stay" in words for words in clear.findings)
    bare = profile_face(picture, face)
    assert not any("glasses" in words for words in bare.findings)


def test_noise_is_no_sharpness_and_compression_is_said(finder, portraits):
    picture = portraits["mona-lisa"]
    face = finder.find(picture)[0]
    rng = np.random.default_rng(1)
    blurred = cv2.GaussianBlur(picture, (0, 0), 4)
    noisy = np.clip(blurred + rng.normal(0, 32, picture.shape), 0, 255).astype(np.uint8)
    assert profile_face(noisy, face).scores["clean"] < profile_face(picture, face).scores["clean"]
    assert any("grainy" in words for words in profile_face(noisy, face).findings)
    _, file = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, 10])
    squeezed = profile_face(cv2.imdecode(file, cv2.IMREAD_COLOR), face)
    assert squeezed.scores["clean"] < 0.2
    assert any("messengers" in words for words in squeezed.findings)


def test_the_better_of_two_copies_scores_higher(finder, demo, demo_faces):
    face = demo_faces[0]
    copies = [demo, cv2.GaussianBlur(demo, (0, 0), 1.2), cv2.GaussianBlur(demo, (0, 0), 2.5)]
    copies.append((copies[-1] * 0.12).astype(np.uint8))
    overall = [profile_face(copy, face).overall for copy in copies]
    assert overall == sorted(overall, reverse=True)
