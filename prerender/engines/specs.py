"""Every engine there is: the built-in ones, and one line for each that needs weights.

To add one: a table in `config/models.toml`, a class that is built from the model's id and the
workbench and calls `weights_room().open(id)`, a line here, and a maker of tiny weights in
`tests/fakes/tiny.py`.
"""

from collections.abc import Callable
from typing import Protocol

from prerender.engines.base import Engine, EngineId, EngineInfo
from prerender.engines.neural.contract import need_bytes_of
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


def neural(
    task: Task, model: str, summary: str, engine: Callable[[], NeuralEngine], rank: int
) -> EngineSpec:
    """The spec of an engine with weights; its id is the model's, which the catalogue knows.

    The class comes by a function that imports it: most runs, above all those that find nothing to
    do, use none of them.
    """
    return EngineSpec(
        task,
        EngineId(model),
        summary,
        lambda registry: engine()(model, registry.bench),
        missing=lambda: weights_room().missing(model) or too_little_memory(need_bytes_of(model)),
        rank=rank,
        info=lambda: _info(model, engine()),
    )


def _info(model: str, engine: NeuralEngine) -> EngineInfo:
    return weights_room().info(model, engine.version, generative=engine.generative)


def _live_portrait() -> NeuralEngine:
    from prerender.engines.liveportrait.engine import LivePortrait

    return LivePortrait


def _ddcolor() -> NeuralEngine:
    from prerender.engines.neural.colourise_engine import DDColor

    return DDColor


def _arc_face() -> NeuralEngine:
    from prerender.engines.neural.identity_engine import ArcFace

    return ArcFace


def _lama_plate() -> NeuralEngine:
    from prerender.engines.neural.lama_plate import LamaPlate

    return LamaPlate


def _onnx_matte() -> NeuralEngine:
    from prerender.engines.neural.onnx_matte import OnnxMatte

    return OnnxMatte


def _onnx_rebuild() -> NeuralEngine:
    from prerender.engines.neural.rebuild_engines import OnnxRebuild

    return OnnxRebuild


def _spandrel_rebuild() -> NeuralEngine:
    from prerender.engines.neural.rebuild_engines import SpandrelRebuild

    return SpandrelRebuild


def _depth_anything() -> NeuralEngine:
    from prerender.engines.neural.torch_depth import DepthAnything

    return DepthAnything


def _film() -> NeuralEngine:
    from prerender.engines.neural.torch_interpolate import Film

    return Film


def _rife() -> NeuralEngine:
    from prerender.engines.neural.torch_interpolate import Rife

    return Rife


def _spandrel_upscale() -> NeuralEngine:
    from prerender.engines.neural.upscale_engines import SpandrelUpscale

    return SpandrelUpscale


_MATTE = tuple(
    neural(Task.MATTE, model, f"{title}, closed-form matting", _onnx_matte, rank)
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
    neural(Task.ANIMATE, model, summary, _live_portrait, rank=-1)
    for model, summary in (
        ("liveportrait", "LivePortrait, faces painted from keypoints"),
        ("liveportrait-safetensors", "LivePortrait, repacked"),
    )
)

_REBUILD = (
    neural(Task.REBUILD, "codeformer", "CodeFormer, with fidelity", _spandrel_rebuild, 40),
    neural(Task.REBUILD, "gfpgan", "GFPGAN 1.4", _spandrel_rebuild, 30),
    neural(Task.REBUILD, "restoreformer-plus-plus", "RestoreFormer++", _onnx_rebuild, 20),
    neural(Task.REBUILD, "restoreformer", "RestoreFormer", _spandrel_rebuild, 10),
)

_UPSCALE = (
    neural(Task.UPSCALE, "realesrgan-x2plus", "Real-ESRGAN, twice as large", _spandrel_upscale, 40),
    neural(Task.UPSCALE, "realesrgan-x4plus", "Real-ESRGAN, four times", _spandrel_upscale, 30),
    neural(
        Task.UPSCALE, "realesr-general-x4v3", "Real-ESRGAN, small, denoising", _spandrel_upscale, 20
    ),
)

_COLOURISE = (
    neural(Task.COLOURISE, "ddcolor", "DDColor", _ddcolor, 20),
    neural(Task.COLOURISE, "ddcolor-tiny", "DDColor, tiny", _ddcolor, 10),
)

_IDENTITY = (neural(Task.IDENTITY, "arcface-w600k-r50", "ArcFace", _arc_face, 10),)

_DEPTH = tuple(
    neural(Task.DEPTH, model, f"Depth Anything V2 {size}, face relief", _depth_anything, rank)
    for rank, model, size in (
        (30, "depth-anything-v2-large", "Large"),
        (20, "depth-anything-v2-base", "Base"),
        (10, "depth-anything-v2-small", "Small"),
    )
)

_INTERPOLATE = (
    neural(Task.INTERPOLATE, "rife-4-26", "RIFE, any time between two frames", _rife, 20),
    neural(Task.INTERPOLATE, "film", "FILM, across large movements", _film, 10),
)

_PLATE = (
    neural(Task.PLATE, "lama", "LaMa, any size", _lama_plate, 20),
    neural(Task.PLATE, "lama-onnx", "LaMa at 512 pixels", _lama_plate, 10),
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
        neural(Task.UPSCALE, name, model.title, _spandrel_upscale, _OWN_RANK)
        for name, model in weights_room().catalogue.model.items()
        if model.task == Task.UPSCALE and name not in shipped
    )
