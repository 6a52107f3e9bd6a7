"""Every engine there is: the built-in ones, and one line for each that needs weights.

To add one: a table in `config/models.toml`, a class that is built from the model's id and the
workbench and calls `weights_room().open(id)`, a line here, and a maker of tiny weights in
`tests/fakes/tiny.py`.
"""

from typing import Protocol

from prerender.engines.base import Engine, EngineId
from prerender.engines.liveportrait.engine import LivePortrait
from prerender.engines.neural.contract import need_bytes_of
from prerender.engines.neural.onnx_matte import OnnxMatte
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

NEURAL_SPECS: tuple[EngineSpec, ...] = (
    *_ANIMATE,
    *_MATTE,
)
"""`auto` takes the highest rank that is installed, verified and licensed."""

ALL_SPECS = (*BUILTIN_SPECS, *NEURAL_SPECS)
"""What a run chooses from."""
