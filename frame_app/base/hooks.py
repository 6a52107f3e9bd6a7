"""Calls from one Python object to others, for what happens in every picture.

Qt's signals are for crossing between C++, QML and threads. Between Python objects on the UI thread
a plain call costs a tenth, and PySide6 6.12.0 takes one reference from `True` with every `emit` of
a Python signal, which ends a process on Python 3.11 after some thousand of them.
"""

from collections.abc import Callable
from typing import Generic, ParamSpec

P = ParamSpec("P")


class Hook(Generic[P]):
    """A list of functions to call, in the order they were added. UI thread only."""

    def __init__(self) -> None:
        self._listeners: list[Callable[P, object]] = []

    def add(self, listener: Callable[P, object]) -> None:
        """Call `listener` from now on."""
        self._listeners.append(listener)

    def fire(self, *args: P.args, **kwargs: P.kwargs) -> None:
        """Call all listeners."""
        for listener in self._listeners:
            listener(*args, **kwargs)
