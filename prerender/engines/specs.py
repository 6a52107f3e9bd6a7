"""Every engine there is: the built-in ones, and one line for each that needs weights.

To add one: a table in `config/models.toml`, a class that is built from the model's id and the
workbench and calls `weights_room().open(id)`, a line here, and a maker of tiny weights in
`tests/fakes/tiny.py`.
"""

from typing import Protocol

from prerender.engines.base import Engine, EngineId
from prerender.engines.liveportrait.engine import LivePortrait
from prerender.engines.neural.colourise_engine import DDColor
from prerender.engines.neural.contract import need_bytes_of
from prerender.engines.neural.identity_engine import ArcFace
from prerender.engines.neural.lama_plate import LamaPlate
from prerender.engines.neural.onnx_matte import OnnxMatte
from prerender.engines.neural.rebuild_engines import OnnxRebuild, SpandrelRebuild
from prerender.engines.neural.torch_depth import DepthAnything
from prerender.engines.neural.torch_interpolate import Film, Rife
from prerender.engines.neural.upscale_engines import SpandrelUpscale
from prerender.engines.neural.workbench import Workbench, too_little_memory
from prerender.engines.registry import BUILTIN_SPECS, EngineSpec, Task
from prerender.engines.weights import weights_room


class NeuralEngine(Protocol):
    """How an engine with weights is made; a class, not an object."""

    version: int
    """Raised when the same inputs would give other pixels."""
    generative: bool
    """Whether it makes pixels up."""

    def __call__(self, model: str, bench: Workbench) -> Engine:
        """Open the weights of a model; what is in memory at a time is the workbench's business.

        Raises:
            WeightsError: they are absent or not what they claim.
            EngineError: they do not fit the engine.
        """
        ...


def neural(task: Task, model: str, summary: str, engine: NeuralEngine, rank: int) -> EngineSpec:
    """The spec of an engine with weights; its id is the model's, which the catalogue knows."""
    return EngineSpec(
        task,
        EngineId(model),
        summary,
        lambda registry: engine(model, registry.bench),
        missing=lambda: weights_room().missing(model) or too_little_memory(need_bytes_of(model)),
        rank=rank,
        info=lambda: weights_room().info(model, engine.version, generative=engine.generative),
    )


_MATTE = tuple(
    neural(Task.MATTE, model, f"{title}, closed-form matting", OnnxMatte, rank)
    for rank, model, title in (
        (60, "birefnet-portrait", "BiRefNet for portraits"),
        (50, "birefnet-general", "BiRefNet"),
        (40, "birefnet-general-lite", "BiRefNet, lite"),
        (30, "rmbg-2", "RMBG 2.0"),
        (20, "isnet-general-use", "IS-Net"),
        (10, "u2net-human-seg", "U2-Net"),
    )
)

# Below the built-in animator: seconds a frame without a GPU turn minutes into a night, so a recipe
# has to name it.
_ANIMATE = tuple(
    neural(Task.ANIMATE, model, summary, LivePortrait, rank=-1)
    for model, summary in (
        ("liveportrait", "LivePortrait, faces painted from keypoints"),
        ("liveportrait-safetensors", "LivePortrait, repacked"),
    )
)

_REBUILD = (
    neural(Task.REBUILD, "codeformer", "CodeFormer, with fidelity", SpandrelRebuild, 40),
    neural(Task.REBUILD, "gfpgan", "GFPGAN 1.4", SpandrelRebuild, 30),
    neural(Task.REBUILD, "restoreformer-plus-plus", "RestoreFormer++", OnnxRebuild, 20),
    neural(Task.REBUILD, "restoreformer", "RestoreFormer", SpandrelRebuild, 10),
)

_UPSCALE = (
    neural(Task.UPSCALE, "realesrgan-x2plus", "Real-ESRGAN, twice as large", SpandrelUpscale, 40),
    neural(Task.UPSCALE, "realesrgan-x4plus", "Real-ESRGAN, four times", SpandrelUpscale, 30),
    neural(
        Task.UPSCALE, "realesr-general-x4v3", "Real-ESRGAN, small, denoising", SpandrelUpscale, 20
    ),
)

_COLOURISE = (
    neural(Task.COLOURISE, "ddcolor", "DDColor", DDColor, 20),
    neural(Task.COLOURISE, "ddcolor-tiny", "DDColor, tiny", DDColor, 10),
)

_IDENTITY = (neural(Task.IDENTITY, "arcface-w600k-r50", "ArcFace", ArcFace, 10),)

_DEPTH = tuple(
    neural(Task.DEPTH, model, f"Depth Anything V2 {size}, face relief", DepthAnything, rank)
    for rank, model, size in (
        (30, "depth-anything-v2-large", "Large"),
        (20, "depth-anything-v2-base", "Base"),
        (10, "depth-anything-v2-small", "Small"),
    )
)

_INTERPOLATE = (
    neural(Task.INTERPOLATE, "rife-4-26", "RIFE, any time between two frames", Rife, 20),
    neural(Task.INTERPOLATE, "film", "FILM, across large movements", Film, 10),
)

_PLATE = (
    neural(Task.PLATE, "lama", "LaMa, any size", LamaPlate, 20),
    neural(Task.PLATE, "lama-onnx", "LaMa at 512 pixels", LamaPlate, 10),
)

NEURAL_SPECS: tuple[EngineSpec, ...] = (
    *_COLOURISE,
    *_UPSCALE,
    *_REBUILD,
    *_IDENTITY,
    *_DEPTH,
    *_INTERPOLATE,
    *_PLATE,
    *_MATTE,
    *_ANIMATE,
)
"""`auto` takes the highest rank that is installed, verified and licensed."""

ALL_SPECS = (*BUILTIN_SPECS, *NEURAL_SPECS)
"""What ships."""

_OWN_RANK = 50  # who adds an upscaler wants it


def own_specs() -> tuple[EngineSpec, ...]:
    """Upscalers of the user's own `models.toml`: any network that spandrel knows.

    Raises:
        ConfigError: the file cannot be read.
    """
    shipped = {spec.id for spec in ALL_SPECS}
    return tuple(
        neural(Task.UPSCALE, name, model.title, SpandrelUpscale, _OWN_RANK)
        for name, model in weights_room().catalogue.model.items()
        if model.task == Task.UPSCALE and name not in shipped
    )
