"""The five networks: names, shapes and sums of the published files, and files that are others."""

import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from frame_app.base.errors import WeightsError
from prerender.engines.liveportrait.files import load_net, sizes_of
from prerender.engines.liveportrait.layout import NETS, OFFICIAL, layout, tensor_bytes
from tests.fakes.liveportrait import CONTRACT, TINY, save, tensors

torch = pytest.importorskip("torch", reason="the neural extra is not installed")

# Counted in the published state dicts: tensors, bytes.
PUBLISHED = {
    "appearance": (107, 3_351_672),
    "motion": (212, 112_474_912),
    "warping": (97, 182_146_444),
    "decoder": (182, 221_753_392),
    "stitching": (8, 180_996),
    "eye": (12, 578_812),
    "lip": (8, 149_244),
}
# A few names and shapes of each, by hand.
SAMPLES = {
    "appearance": ("resblocks_3d.3dr5.conv2.weight", (32, 32, 3, 3, 3)),
    "motion": ("detector.stages.2.8.grn.gamma", (1, 1, 1, 1536)),
    "warping": ("dense_motion_network.mask.weight", (22, 142, 7, 7, 7)),
    "decoder": ("up_1.conv_s.weight_v", (256,)),
    "stitching": ("mlp.6.weight", (65, 64)),
    "eye": ("mlp.0.weight", (256, 66)),
    "lip": ("mlp.0.weight", (128, 65)),
}


@pytest.fixture(autouse=True)
def _one_thread():
    """Networks so small only wait for a second one."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    return save(tmp_path_factory.mktemp("liveportrait"))


@pytest.mark.parametrize("net", NETS)
def test_the_published_files_have_these_tensors(net):
    shapes = layout(net)
    assert (len(shapes), tensor_bytes(shapes)) == PUBLISHED[net]
    name, shape = SAMPLES[net]
    assert shapes[name] == shape


def test_the_published_sizes_give_the_published_shapes():
    from prerender.engines.liveportrait import nets

    def empty(net: str) -> dict[str, Any]:
        return {
            name: torch.empty(shape, device="meta")
            for name, shape in layout(net).items()
            if not name.endswith("tracked")
        }

    picture = torch.empty(1, 3, 256, 256, device="meta")
    points = torch.empty(2, 21, 3, device="meta")
    volume = nets.Appearance(empty("appearance"))(picture)
    assert volume.shape == (1, 32, 16, 64, 64)
    heads = nets.Motion(empty("motion"))(picture)
    assert {name: tuple(value.shape) for name, value in heads.items()} == {
        "pitch": (1, 66),
        "yaw": (1, 66),
        "roll": (1, 66),
        "t": (1, 3),
        "exp": (1, 63),
        "scale": (1, 1),
        "kp": (1, 63),
    }
    warped = nets.Warping(empty("warping"))(volume, points[:1], points)
    assert warped.features.shape == (2, 256, 64, 64)
    assert warped.occlusion.shape == (2, 1, 64, 64)
    assert warped.deformation.shape == (2, 16, 64, 64, 3)
    assert nets.Decoder(empty("decoder"))(warped.features).shape == (2, 3, 512, 512)
    for net, inputs, outputs in (("stitching", 126, 65), ("lip", 65, 63), ("eye", 66, 63)):
        corrected = nets.Perceptron(empty(net))(torch.empty(1, inputs, device="meta"))
        assert corrected.shape == (1, outputs)


def test_both_formats_hold_the_same_tensors(files, tmp_path):
    twins = save(tmp_path, ".safetensors")
    for net in NETS:
        ours, theirs = load_net(net, files, TINY), load_net(net, twins, TINY)
        assert ours.keys() == theirs.keys()
        assert all(torch.equal(ours[name], theirs[name]) for name in ours)


def test_the_decoder_divides_by_what_torchs_own_spectral_norm_divides_by():
    from prerender.engines.liveportrait.ops import Layers

    made = {name: torch.from_numpy(value) for name, value in tensors("decoder").items()}
    ours = Layers(made)
    ours.fold_spectral()
    theirs = torch.nn.utils.spectral_norm(torch.nn.Conv2d(32, 32, 3, padding=1)).eval()
    name = "G_middle_0.conv_0"
    theirs.load_state_dict(
        {key.removeprefix(f"{name}."): made[key] for key in made if key.startswith(name)}
    )
    x = torch.rand(1, 32, 8, 8)
    assert torch.allclose(ours.conv(x, name), theirs(x), atol=1e-6)


def test_keypoints_that_stay_leave_the_volume_where_it_is(files):
    from prerender.engines.liveportrait.nets import Warping

    warping = Warping(load_net("warping", files, TINY), TINY)
    points = torch.rand(1, 21, 3) - 0.5
    warped = warping(torch.rand(1, 4, 4, 16, 16), points, points)
    grid = torch.linspace(-1, 1, 16)
    assert torch.allclose(warped.deformation[0, 0, 0, :, 0], grid, atol=1e-6)
    assert torch.allclose(warped.deformation[0, 0, :, 0, 1], grid, atol=1e-6)


def test_a_frame_is_the_same_alone_and_in_a_batch(files):
    from prerender.engines.liveportrait.nets import Decoder, Warping

    warping = Warping(load_net("warping", files, TINY), TINY)
    decoder = Decoder(load_net("decoder", files, TINY), TINY)
    torch.manual_seed(1)
    source, volume = torch.rand(1, 21, 3) - 0.5, torch.rand(1, 4, 4, 16, 16)
    driving = source + 0.1 * torch.randn(3, 21, 3)
    still = warping.still(volume, source)
    together = decoder(warping.moved(still, driving).features)
    for number in range(3):
        alone = decoder(warping.moved(still, driving[number : number + 1]).features)
        assert torch.allclose(together[number], alone[0], atol=1e-4)


def test_a_stitching_network_without_a_last_layer_changes_nothing():
    from prerender.engines.liveportrait.nets import Perceptron

    made = {name: torch.from_numpy(value) for name, value in tensors("stitching").items()}
    for name in ("mlp.4.weight", "mlp.4.bias"):
        made[name].zero_()
    assert not Perceptron(made, TINY)(torch.rand(2, 126)).any()


def test_sizes_come_from_the_contract_and_are_the_published_ones_without():
    assert sizes_of({}) == OFFICIAL
    assert sizes_of(CONTRACT) == TINY


def altered(
    files: Mapping[str, Path], tmp_path: Path, role: str, change: Callable[[Any], Any]
) -> dict[str, Path]:
    """Copies of the files with one network changed."""
    copies = {name: tmp_path / path.name for name, path in files.items()}
    for name, path in files.items():
        shutil.copyfile(path, copies[name])
    content = torch.load(copies[role], weights_only=True)
    torch.save(change(content), copies[role])
    return copies


def without_a_tensor(content):
    content.pop("fourth.bias")
    return content


def with_a_tensor_more(content):
    return content | {"fifth.bias": torch.zeros(3)}


def with_another_shape(content):
    return content | {"fourth.bias": torch.zeros(3)}


def with_a_hole(content):
    content["fourth.bias"][0] = float("nan")
    return content


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (without_a_tensor, r"lacks 1 of 55 tensors \(fourth.bias\)"),
        (with_a_tensor_more, "too many .*fifth.bias"),
        (with_another_shape, "fourth.bias has the shape 3 instead of 16"),
        (with_a_hole, "fourth.bias holds values that are no numbers"),
        (lambda _: tensors_of_a_decoder(), "lacks"),
        (lambda _: {"weights": [1, 2, 3]}, "no network's weights"),
    ],
)
def test_another_network_is_refused_by_name(files, tmp_path, change, words):
    copies = altered(files, tmp_path, "warping", change)
    with pytest.raises(WeightsError, match=words):
        load_net("warping", copies, TINY)


def tensors_of_a_decoder() -> dict[str, Any]:
    return {name: torch.from_numpy(np.array(v)) for name, v in tensors("decoder").items()}


def test_a_file_cut_short_is_refused(files, tmp_path):
    path = tmp_path / "warping.pth"
    path.write_bytes(files["warping"].read_bytes()[:-700])
    with pytest.raises(WeightsError, match="damaged"):
        load_net("warping", {**files, "warping": path}, TINY)


def test_the_file_of_three_networks_must_hold_the_one_that_is_wanted(files, tmp_path):
    copies = altered(
        files, tmp_path, "stitching", lambda all_: {"retarget_eye": all_["retarget_eye"]}
    )
    assert load_net("eye", copies, TINY)
    with pytest.raises(WeightsError, match="not the lip network"):
        load_net("lip", copies, TINY)
