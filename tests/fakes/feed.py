"""A perception feed and behaviours that say what a test wants."""

import dataclasses
from collections.abc import Sequence

from frame_app.base.hooks import Hook
from frame_app.perception.messages import (
    CameraState,
    CameraStatus,
    Gesture,
    MirrorPicture,
    Observation,
    Place,
)


class FakeFeed:
    """See `frame_app.ui.panel_camera.Feed`."""

    def __init__(self) -> None:
        self.camera = CameraState(CameraStatus.RUNNING)
        self.viewers = 1
        self.camera_changed = Hook[[CameraState]]()
        self.viewers_changed = Hook[[int]]()
        self.observed = Hook[[Observation]]()
        self.mirrored = Hook[[MirrorPicture]]()
        self.mirrors: list[bool] = []

    def mirror(self, *, on: bool) -> None:
        self.mirrors.append(on)

    def show(self) -> None:
        """One camera picture: somebody smiles, a little to the right."""
        scores = {Gesture.SMILE: 0.82, Gesture.WAVE: 0.35}
        eye = Place(0.12, 0.05, 0.8)
        self.observed.fire(Observation(0.0, 1, viewer=1, eye=eye, scores=scores))
        row = b"".join(bytes((x, 90, 160 - x)) for x in range(160))
        self.mirrored.fire(MirrorPicture(160, 120, row * 120))


@dataclasses.dataclass(frozen=True)
class FakeRule:
    name: str
    title: str
    event: str
    on: bool = True
    probability: float = 0.8
    cooldown_s: float = 20.0


class FakeRules:
    """See `frame_app.ui.panel_rules.Rules`."""

    def __init__(self) -> None:
        self.changed = Hook[[]]()
        self.fault = ""
        self._rules = [
            FakeRule("smile-back", "Smiles back", "smile", cooldown_s=5.0),
            FakeRule("greet", "Greets whoever comes", "viewer_came", probability=0.6),
            FakeRule("bored", "Gets bored alone", "alone", on=False, cooldown_s=300.0),
        ]

    def rules(self) -> Sequence[FakeRule]:
        return self._rules

    def change(self, name: str, key: str, value: float | bool) -> None:  # noqa: FBT001
        self._rules = [
            FakeRule(**(dataclasses.asdict(rule) | {key: value})) if rule.name == name else rule
            for rule in self._rules
        ]
        self.changed.fire()

    def reset(self, name: str) -> None:
        raise NotImplementedError
