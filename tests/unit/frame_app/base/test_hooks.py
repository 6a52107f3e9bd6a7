import sys

from frame_app.base.hooks import Hook


def test_listeners_are_called_in_the_order_they_were_added() -> None:
    heard: list[str] = []
    hook = Hook[[int]]()
    hook.add(lambda number: heard.append(f"a{number}"))
    hook.add(lambda number: heard.append(f"b{number}"))
    hook.fire(1)
    hook.fire(2)
    assert heard == ["a1", "b1", "a2", "b2"]


def test_firing_takes_no_reference_from_true() -> None:
    """PySide6 6.12.0 takes one with each `emit` of a Python signal."""
    hook = Hook[[float]]()
    hook.add(lambda value: value > 0.0)
    truth = bool(hook)
    before = sys.getrefcount(truth)
    for _ in range(200):
        hook.fire(1.0)
    assert abs(sys.getrefcount(truth) - before) < 20
