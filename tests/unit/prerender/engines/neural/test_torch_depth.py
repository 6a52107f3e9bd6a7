import contextlib
import json
import shutil

import numpy as np
import numpy.typing as npt
import pytest

from frame_app.base.arrays import DepthF32, MaskF32
from prerender.engines.base import Face
from prerender.engines.builtin_depth import (
    PLATE_NEAREST,
    SUBJECT_FARTHEST,
    BuiltinDepth,
    plate_depth,
    subject_depth,
)
from prerender.engines.neural.torch_depth import DepthAnything, fused
from prerender.engines.neural.transformers_library import load_transformers
from prerender.engines.neural.workbench import NetworkError, Workbench
from tests.fakes.tiny import MAKERS

torch = pytest.importorskip("torch", reason="needs the extra neural")

SMALL = "depth-anything-v2-small"
SIDE = 128


@pytest.fixture
def engine(weights, tmp_path):
    MAKERS[SMALL](weights, tmp_path)
    return DepthAnything(SMALL, Workbench())


@pytest.fixture(scope="module")
def scene(demo, demo_faces):
    """The demo's face on an outline drawn by hand, and the depth that the built-in engine sees."""
    y, x = np.mgrid[0:512, 0:512].astype(np.float32)
    box = demo_faces[0].box
    cx, cy = box.x + box.width / 2, box.y + 0.4 * box.height
    head = 1.25 - np.hypot((x - cx) / (0.75 * box.width), (y - cy) / (0.8 * box.height))
    body = 1.05 - np.hypot((x - cx) / 190, (y - 560) / 380)
    matte = np.clip(np.maximum(head, body) * 25, 0, 1).astype(np.float32)
    depth, _ = BuiltinDepth().estimate(demo, matte, demo_faces)
    return depth, matte, demo_faces


def network_saw(depth: DepthF32, gain: float = 30.0, offset: float = 7.0) -> DepthF32:
    """Relative inverse depth of the same scene, smaller, unscaled, its edges 3 px too wide."""
    step = depth.shape[0] // SIDE
    small = depth[step // 2 :: step, step // 2 :: step]
    wide = np.max([np.roll(small, shift, axis=1) for shift in range(-2, 3)], axis=0)
    return np.asarray(gain * wide + offset, np.float32)


def at(depth: npt.NDArray[np.float32], face: Face, index: int) -> float:
    x, y = face.landmarks[index, :2].astype(int)
    return float(depth[y, x])


def test_a_grey_picture_goes_in_as_its_distance_from_the_mean(engine):
    taken: list[npt.NDArray[np.float32]] = []
    run = engine._net.run

    def spy(pixels, call):
        taken.append(pixels)
        return run(pixels, call=call)

    engine._net.run = spy
    with contextlib.suppress(NetworkError):  # there may be no depth in a grey picture
        engine.look(np.full((96, 128, 3), 102, np.uint8))
    # the short side 70, the long one the nearest multiple of 14; (0.4 - mean) / std by hand
    assert taken[0].shape == (1, 3, 70, 98)
    expected = [-0.37117904, -0.25, -0.02666667]
    np.testing.assert_allclose(taken[0].mean(axis=(0, 2, 3)), expected, atol=1e-4)


def test_it_answers_what_the_librarys_own_loading_answers(engine, weights, demo):
    library = load_transformers()
    folder = weights.room.open(SMALL).files["weights"].parent
    theirs = library.AutoModelForDepthEstimation.from_pretrained(folder, local_files_only=True)
    processor = library.DPTImageProcessorPil.from_pretrained(folder, local_files_only=True)
    with torch.inference_mode():
        values = processor(demo, return_tensors="pt")
        answer = theirs.eval()(**values).predicted_depth[0].numpy()
    np.testing.assert_allclose(engine.look(demo), answer, rtol=1e-5, atol=1e-6)


def test_scale_and_offset_of_the_network_mean_nothing(scene):
    depth, matte, faces = scene
    one, fit = fused(network_saw(depth), matte, faces)
    other, _ = fused(network_saw(depth, gain=0.02, offset=-5.0), matte, faces)
    assert fit > 0.9
    np.testing.assert_allclose(one, other, atol=2e-4)


def test_the_layers_keep_their_places_and_the_edge_lies_on_the_matte(scene):
    depth, matte, faces = scene
    found, _ = fused(network_saw(depth), matte, faces)
    front, behind = subject_depth(found, matte), plate_depth(found, matte)
    assert front.min() >= SUBJECT_FARTHEST - 1e-6 > PLATE_NEAREST + 1e-6 >= behind.max()
    assert found[matte > 0.95].min() > SUBJECT_FARTHEST - 1e-6
    assert found[matte < 0.01].max() < PLATE_NEAREST + 0.01  # cubic resizing overshoots


def test_the_face_is_as_deep_as_its_mesh_and_the_nose_stands_out(scene):
    depth, matte, faces = scene
    found, _ = fused(network_saw(depth), matte, faces)
    face = faces[0]
    assert at(found, face, 1) > at(found, face, 50) > at(found, face, 234)
    relief = [
        at(of, face, 1) - (at(of, face, 234) + at(of, face, 454)) / 2 for of in (found, depth)
    ]
    assert relief[0] == pytest.approx(relief[1], rel=0.25)


def test_an_arm_that_reaches_forward_is_nearer_than_the_body(scene):
    depth, matte, faces = scene
    seen = network_saw(depth)
    seen[105:120, 45:65] += 8.0
    found, _ = fused(seen, matte, faces)
    assert found[450, 220] > found[450, 330] + 0.05


def test_a_table_behind_is_nearer_than_the_wall(scene):
    depth, matte, faces = scene
    seen = network_saw(np.where(matte > 0.5, depth, np.float32(0.1)))
    seen[90:, :20] += 5.0
    found, _ = fused(seen, matte, faces)
    assert found[480, 10] > found[100, 20] + 0.1


def test_a_flat_wall_stays_flat(scene):
    _, matte, faces = scene
    wobble = np.random.default_rng(0).normal(0, 0.01, (SIDE, SIDE))
    small = matte[2::4, 2::4]
    found, _ = fused(np.asarray(10 * small + wobble, np.float32), matte, faces)
    assert np.ptp(found[matte < 0.01]) < 0.05


def test_a_network_that_sees_the_face_inside_out_is_overruled(scene):
    depth, matte, faces = scene
    found, fit = fused(-network_saw(depth), matte, faces)
    assert fit < 0
    assert at(found, faces[0], 1) > at(found, faces[0], 234)


def test_mirrored_pictures_have_mirrored_depths(scene):
    depth, matte, faces = scene
    mesh = faces[0].landmarks.copy()
    mesh[:, 0] = 512 - mesh[:, 0]
    box = faces[0].box
    mirrored = Face(mesh, type(box)(512 - box.x - box.width, box.y, box.width, box.height), 1.0)
    seen = network_saw(depth)
    one, _ = fused(seen, matte, faces)
    other, _ = fused(seen[:, ::-1].copy(), _mirror(matte), (mirrored,))
    assert np.abs(one - other[:, ::-1]).mean() < 2e-3


def _mirror(matte: MaskF32) -> MaskF32:
    return np.ascontiguousarray(matte[:, ::-1])


@pytest.mark.parametrize("filled", [0.0, 1.0])
def test_no_subject_and_nothing_but_subject_are_no_accidents(scene, filled):
    depth, matte, _ = scene
    found, _ = fused(network_saw(depth), np.full_like(matte, filled), ())
    assert np.isfinite(found).all()
    assert found.min() >= 0
    assert found.max() <= 1


def install(weights, tmp_path, change) -> DepthAnything:
    """The tiny weights with another config.json, vouched for like any other file."""
    MAKERS[SMALL](weights, tmp_path)
    folder = tmp_path / SMALL
    settings = json.loads((folder / "config.json").read_text())
    change(settings)
    (folder / "config.json").write_text(json.dumps(settings))
    shutil.rmtree(weights.room.open(SMALL).files["weights"].parent)
    weights.put(
        SMALL,
        {
            "weights": folder / "model.safetensors",
            "config": folder / "config.json",
            "preprocessor": folder / "preprocessor_config.json",
        },
    )
    return DepthAnything(SMALL, Workbench())


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda s: s.update(model_type="dpt"), r"config\.json is of dpt"),
        (lambda s: s.update(fusion_hidden_size=16), r"do not fit its config\.json"),
        (lambda s: s["backbone_config"].update(num_hidden_layers=5), r"lack \d+ tensors"),
    ],
)
def test_files_of_another_network_are_refused(weights, tmp_path, demo, change, sentence):
    engine = install(weights, tmp_path, change)
    with pytest.raises(NetworkError, match=sentence):
        engine.look(demo)
