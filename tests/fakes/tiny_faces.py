"""Tiny networks that restore, enlarge, colour and compare; see `tests/fakes/tiny.py`.

spandrel reads most sizes off the weights, so these are its own architectures with few channels.
GFPGAN, CodeFormer and DDColor have widths that it does not read; it is taught to recognise narrow
ones, in this process.
"""

import importlib
import tempfile
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Any
from unittest import mock

import numpy as np
import pytest

from tests.fakes.weights import WeightsFolder

Maker = Callable[[WeightsFolder, Path], None]

_EXTRA = "spandrel_extra_arches.architectures"
_NARROW = 0.0625  # of GFPGAN's channels


def spandrel() -> Any:
    """The library, as the product loads it; skips where the extra is absent."""
    pytest.importorskip("torch", reason="needs the extra neural")
    pytest.importorskip("safetensors", reason="needs the extra neural")
    from importlib.util import find_spec

    if find_spec("spandrel") is None or find_spec("spandrel_extra_arches") is None:
        pytest.skip("needs the extra spandrel")
    from prerender.engines.neural.spandrel_nets import load_spandrel

    return load_spandrel(with_extra=True)


def seeded(build: Callable[[], Any], seed: int = 0) -> Any:
    """A network with the weights that a seed gives it, biases and noise included."""
    import torch

    with torch.random.fork_rng():
        torch.manual_seed(seed)
        return build().eval()


def save_state(net: Any, path: Path, wrapper: str = "params_ema") -> Path:
    """As the authors publish weights: a state dict below a key."""
    import torch

    path.parent.mkdir(parents=True, exist_ok=True)
    torch.save({wrapper: net.state_dict()}, path)
    return path


def esrgan(scale: int, *, unshuffle: bool = False) -> Any:
    spandrel()
    from spandrel.architectures.ESRGAN import ESRGAN

    factor = 2 if unshuffle else 1
    return seeded(
        lambda: ESRGAN(
            in_nc=3 * factor**2,
            num_filters=8,
            num_blocks=2,
            scale=scale * factor,
            shuffle_factor=factor if unshuffle else None,
        )
    )


def compact(seed: int = 0) -> Any:
    spandrel()
    from spandrel.architectures.Compact import Compact

    return seeded(lambda: Compact(num_feat=8, num_conv=2, upscale=4), seed)


def other_compact() -> Any:
    return compact(1)


def x2plus() -> Any:
    return esrgan(2, unshuffle=True)


def x4plus() -> Any:
    return esrgan(4)


def taught(base: Any, name: str, build: Callable[[], Any], is_small: Callable[[Any], bool]) -> None:
    """Make spandrel recognise a network of another width, which it cannot read off the weights."""
    known = spandrel()

    class Small(base):  # type: ignore[misc]
        """Only the width is another one."""

        def __init__(self) -> None:
            super().__init__()
            full = base().detect
            self._id = f"small-{name}"
            self._detect = lambda state: full(state) and is_small(state)

        def load(self, state_dict: Any) -> Any:
            return known.ImageModelDescriptor(
                build(),
                state_dict,
                self,
                "FaceSR",
                tags=[],
                supports_half=False,
                supports_bfloat16=True,
                scale=1,
                input_channels=3,
                output_channels=3,
                call_fn=lambda net, image: net(image)[0],
            )

    if f"small-{name}" not in known.MAIN_REGISTRY:
        known.MAIN_REGISTRY.add(known.ArchSupport.from_architecture(Small(), before=(name,)))


def gfpgan_network(narrow: float = 1) -> Any:
    """GFPGAN 1.4 without weights, as published when `narrow` is 1 (models.md 2.1)."""
    spandrel()
    from spandrel.architectures.GFPGAN import GFPGAN

    return GFPGAN(
        out_size=512,
        num_style_feat=512,
        channel_multiplier=2,
        decoder_load_path=None,
        fix_decoder=False,
        num_mlp=8,
        input_is_latent=True,
        different_w=True,
        narrow=narrow,
        sft_half=True,
    )


def gfpgan() -> Any:
    """A narrow one, with noise that matters."""
    spandrel()
    import torch
    from spandrel.architectures.GFPGAN import GFPGANArch

    def build() -> Any:
        net = gfpgan_network(_NARROW)
        for name, value in net.named_parameters():
            if name.startswith("stylegan_decoder") and value.numel() == 1:
                torch.nn.init.constant_(value, 0.1)  # strength of the noise, 0 when untrained
        return net

    taught(GFPGANArch, "GFPGAN", build, lambda state: state["toRGB.0.weight"].shape[1] < 512)
    return seeded(build)


def restoreformer() -> Any:
    spandrel()
    from spandrel.architectures.RestoreFormer import RestoreFormer

    return seeded(
        lambda: RestoreFormer(
            n_embed=16,
            embed_dim=32,
            ch=32,
            ch_mult=(1, 1, 1, 1, 1, 1),
            num_res_blocks=1,
            attn_resolutions=(16,),
            z_channels=32,
            double_z=False,
            enable_mid=True,
            head_size=8,
        )
    )


def codeformer() -> Any:
    """A narrow one with one layer of attention."""
    spandrel()
    package = importlib.import_module(f"{_EXTRA}.CodeFormer")
    arch = importlib.import_module(f"{_EXTRA}.CodeFormer.__arch.codeformer")
    autoencoder, fuse = arch.VQAutoEncoder.__init__, arch.Fuse_sft_block

    def narrow(self: Any, size: int, *_wide: Any) -> None:
        autoencoder(self, size, 32, [1] * 6, "nearest", 2, [16], 16)

    def small_fuse(*_wide: int) -> Any:
        return fuse(32, 32)

    def build() -> Any:
        with (
            mock.patch.object(arch.VQAutoEncoder, "__init__", narrow),
            mock.patch.object(arch, "Fuse_sft_block", small_fuse),
        ):
            return arch.CodeFormer(
                dim_embd=64, n_layers=1, codebook_size=16, connect_list=["32", "64"]
            )

    taught(
        package.CodeFormerArch,
        "CodeFormer",
        build,
        lambda state: state["encoder.blocks.0.weight"].shape[0] < 64,
    )
    return seeded(build)


def settled(net: Any) -> Any:
    """With its spectral norms found, without which answers are astronomical."""
    import torch

    with torch.no_grad():
        for _ in range(3):
            net.train()(torch.rand(1, 3, 64, 64))
    return net


def ddcolor() -> Any:
    """One with a narrow and shallow encoder."""
    spandrel()
    package = importlib.import_module(f"{_EXTRA}.DDColor")
    arch = importlib.import_module(f"{_EXTRA}.DDColor.__arch.ddcolor")
    encoder = arch.ConvNeXt

    def small_encoder(**_wide: Any) -> Any:
        return encoder(depths=[1, 1, 1, 1], dims=[8, 16, 32, 64])

    def build() -> Any:
        with mock.patch.object(arch, "ConvNeXt", small_encoder):
            return arch.DDColor(
                encoder_name="convnext-t",
                input_size=(64, 64),
                nf=512,
                num_output_channels=2,
                last_norm="Spectral",
                num_queries=4,
                num_scales=3,
                dec_layers=1,
            )

    taught(
        package.DDColorArch,
        "DDColor",
        build,
        lambda state: state["encoder.arch.norm.weight"].shape[0] < 768,
    )
    return seeded(lambda: settled(build()))


@lru_cache
def _folder() -> tempfile.TemporaryDirectory[str]:
    """Where networks that were made once lie until the tests end."""
    return tempfile.TemporaryDirectory(prefix="tiny-faces-")


@lru_cache
def saved(make: Callable[[], Any], wrapper: str = "params_ema") -> Path:
    """The file of a network, made once."""
    path = Path(_folder().name) / f"{saved.cache_info().currsize}.pth"
    return save_state(make(), path, wrapper)


def put(model: str, make: Callable[[], Any], **contract: Any) -> Maker:
    """A maker of one state dict."""

    def maker(weights: WeightsFolder, folder: Path) -> None:
        weights.put(model, {"weights": saved(make)}, contract)

    return maker


def put_general(weights: WeightsFolder, folder: Path) -> None:
    files = {
        "weights": saved(compact, "params"),
        "denoising": saved(other_compact, "params"),
    }
    weights.put("realesr-general-x4v3", files)


def put_restoreformer_onnx(weights: WeightsFolder, folder: Path) -> None:
    """Darker by half: y = 0.5 x - 0.25."""
    pytest.importorskip("onnx")
    from tests.fakes.onnx_files import save_net

    shape = (1, 3, 512, 512)
    path = save_net(
        folder / "restoreformer.onnx",
        [("Mul", ("input", "half"), "dark", {}), ("Add", ("dark", "shift"), "output", {})],
        {"input": shape},
        {"output": shape},
        {"half": np.full(1, 0.5, np.float32), "shift": np.full(1, -0.25, np.float32)},
    )
    weights.put("restoreformer-plus-plus", {"weights": path})


def put_arcface(weights: WeightsFolder, folder: Path) -> None:
    """Random directions of an 8 x 8 picture: near for near pictures, which is what matters here."""
    pytest.importorskip("onnx")
    from tests.fakes.onnx_files import save_net

    generator = np.random.default_rng(5)
    path = save_net(
        folder / "arcface.onnx",
        [
            ("AveragePool", ("input.1",), "small", {"kernel_shape": [14, 14], "strides": [14, 14]}),
            ("Flatten", ("small",), "flat", {"axis": 1}),
            ("MatMul", ("flat", "w"), "embedding", {}),
        ],
        {"input.1": (1, 3, 112, 112)},
        {"embedding": (1, 512)},
        {"w": generator.standard_normal((192, 512)).astype(np.float32)},
    )
    weights.put("arcface-w600k-r50", {"weights": path})


FACE_MAKERS: dict[str, Maker] = {
    "gfpgan": put("gfpgan", gfpgan),
    "codeformer": put("codeformer", codeformer),
    "restoreformer": put("restoreformer", restoreformer),
    "restoreformer-plus-plus": put_restoreformer_onnx,
    "realesrgan-x2plus": put("realesrgan-x2plus", x2plus),
    "realesrgan-x4plus": put("realesrgan-x4plus", x4plus),
    "realesr-general-x4v3": put_general,
    "ddcolor": put("ddcolor", ddcolor, side=64),
    "ddcolor-tiny": put("ddcolor-tiny", ddcolor, side=64),
    "arcface-w600k-r50": put_arcface,
}
"""By engine id."""
