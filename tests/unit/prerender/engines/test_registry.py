import logging

import pytest

from frame_app.base.errors import EngineError, UsageError
from prerender.engines.base import AUTO, BUILTIN, EngineId, EngineInfo
from prerender.engines.registry import BUILTIN_SPECS, EngineRegistry, EngineSpec, Task

BIRD = EngineId("bird")


class FakeDepth:
    info = EngineInfo(id=BIRD, version=1)

    def __init__(self) -> None:
        self.closed = False

    def close(self) -> None:
        self.closed = True

    def estimate(self, image, matte, faces):
        raise NotImplementedError


def with_bird(missing: str = "") -> EngineRegistry:
    bird = EngineSpec(
        Task.DEPTH, BIRD, "a better one", lambda _: FakeDepth(), lambda: missing, rank=10
    )
    return EngineRegistry((*BUILTIN_SPECS, bird))


def test_every_task_has_a_built_in_engine():
    registry = EngineRegistry()
    for task in Task:
        spec = registry.specs(task)[-1]
        assert spec.id == BUILTIN
        assert registry.resolve(task) == (spec, "")  # nothing else lies in this session's folder


def test_auto_takes_the_best_that_can_be_had():
    chosen = with_bird().depth()
    assert chosen.engine.info.id == BIRD
    assert not chosen.is_fallback


def test_auto_without_weights_takes_the_built_in_and_can_tell_what_is_missing():
    registry = with_bird(missing="weights bird.onnx are not installed")
    chosen = registry.depth(AUTO)
    assert chosen.engine.info.id == BUILTIN
    assert not chosen.is_fallback
    ((spec, why),) = registry.better_missing(Task.DEPTH)
    assert (spec.id, why) == (BIRD, "weights bird.onnx are not installed")


def test_a_named_engine_that_cannot_be_had_stops():
    with pytest.raises(EngineError, match=r"depth engine bird: .*bird\.onnx are not installed"):
        with_bird(missing="weights bird.onnx are not installed").depth(BIRD)


def test_with_a_second_name_it_is_replaced_aloud(caplog):
    registry = with_bird(missing="weights bird.onnx are not installed")
    with caplog.at_level(logging.WARNING):
        chosen = registry.depth(EngineId("bird, builtin"))
    assert chosen.engine.info.id == BUILTIN
    assert chosen.is_fallback
    for word in ("depth", "bird", "not installed", "builtin"):
        assert word in chosen.reason
        assert word in caplog.text


def test_an_engine_that_failed_in_this_run_counts_as_missing():
    registry = with_bird()
    registry.barred = {(Task.DEPTH, BIRD): "its answer holds no numbers"}
    chosen = registry.depth()
    assert chosen.engine.info.id == BUILTIN
    assert "bird cannot be had (its answer holds no numbers)" in chosen.reason
    twice = registry.resolve(Task.DEPTH, EngineId("bird, auto"))[1]
    assert twice.count("bird cannot be had") == 1


def test_an_unknown_name_is_a_mistake_and_says_what_there_is():
    with pytest.raises(UsageError, match=r"no depth engine is called fish.*auto, builtin"):
        EngineRegistry().depth(EngineId("fish"))


def test_no_engine_at_all_is_an_error_with_the_reason():
    bird = EngineSpec(Task.DEPTH, BIRD, "", lambda _: FakeDepth(), lambda: "no weights")
    with pytest.raises(EngineError, match="no weights"):
        EngineRegistry((bird,)).resolve(Task.DEPTH, BIRD)
    with pytest.raises(EngineError, match="none can be had here"):
        EngineRegistry((bird,)).resolve(Task.DEPTH)


def test_engines_are_built_once_and_closed():
    registry = with_bird()
    with registry:
        engine = registry.depth().engine
        assert registry.depth(BIRD).engine is engine
    assert isinstance(engine, FakeDepth)
    assert engine.closed


def test_light_engines_do_their_task():
    with EngineRegistry() as registry:
        assert registry.upscale().engine.info.id == BUILTIN
        assert registry.plate().engine.info.weights_sha256 is None
        assert not registry.restore().engine.info.generative
        assert registry.interpolate().engine.info.version >= 1


def test_resolving_builds_nothing():
    def explode(_):
        raise AssertionError("built")

    spec = EngineSpec(Task.DEPTH, BIRD, "", explode)
    assert EngineRegistry((spec,)).resolve(Task.DEPTH)[0] is spec
