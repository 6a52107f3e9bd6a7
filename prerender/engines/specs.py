"""Every engine there is: the built-in ones, and one line for each that needs weights.

To add one: a table in `config/models.toml`, a class that is built from the model's id and the
workbench and calls `weights_room().open(id)`, a line here, and a maker of tiny weights in
`tests/fakes/tiny.py`.
"""

from typing import Protocol

from prerender.engines.base import Engine, EngineId
from prerender.engines.neural.workbench import Workbench
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
        missing=lambda: weights_room().missing(model),
        rank=rank,
        info=lambda: weights_room().info(model, engine.version, generative=engine.generative),
    )


NEURAL_SPECS: tuple[EngineSpec, ...] = ()
"""`auto` takes the highest rank that is installed, verified and licensed."""

ALL_SPECS = (*BUILTIN_SPECS, *NEURAL_SPECS)
"""What a run chooses from."""
