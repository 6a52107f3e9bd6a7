"""What a file of weights expects, read from its table in the catalogue."""

from typing import TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from prerender.engines.neural.workbench import NetworkError
from prerender.engines.weights import OpenWeights, weights_room


class Terms(BaseModel):
    """Base of every `[model.ID.contract]`: frozen, unknown keys refused."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)


T = TypeVar("T", bound=Terms)


def terms_of(model: str, weights: OpenWeights, kind: type[T]) -> T:
    """The contract of a model's files; raises `NetworkError` if it is not one of this kind."""
    try:
        return kind.model_validate(dict(weights.contract))
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        problem = f"its contract in models.toml does not fit ({where}: {first['msg']})"
        raise NetworkError(model, problem) from error


def need_bytes_of(model: str) -> int:
    """Memory a model takes while it runs, about, as the catalogue says."""
    return int(weights_room().catalogue.get(model).memory_gb * 1e9)
