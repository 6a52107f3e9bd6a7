"""A recording on one face: keypoints at any time, from the still and back to it."""

from dataclasses import replace

import numpy as np

from prerender.engines.liveportrait.expression import (
    within_angles,
    within_expression,
    within_place,
)
from prerender.engines.liveportrait.keypoints import Points, rotation
from prerender.engines.liveportrait.renderer import FaceRenderer
from prerender.engines.liveportrait.template import Template
from prerender.engines.liveportrait.transfer import (
    Carried,
    Region,
    Transfer,
    amplified,
    at_time,
    carried,
    size_ratio,
)
from prerender.portrait.motion import Recorded


class Performance:
    """See the module."""

    def __init__(
        self, template: Template, recorded: Recorded, length_s: float, renderer: FaceRenderer
    ) -> None:
        self._template, self._recorded = template, recorded
        self._length_s, self._renderer = length_s, renderer
        self._how = Transfer(Region(recorded.region), recorded.relative)
        self._first = self._laid(0.0)
        self._ratio = 1.0
        if recorded.expression_friendly:
            # Both hulls are of this very face: what a recording without keypoints can tell.
            self._ratio = size_ratio(renderer.source, self._first)

    def at(self, time_s: float, amplitude: float = 1.0) -> Points:
        """Where the keypoints are; those of the still at both ends."""
        source = self._renderer.source
        moved = self._laid(time_s)
        if self._recorded.expression_friendly:
            moved = source + self._ratio * (moved - self._first)
        if self._recorded.eyes and self._template.eyes is not None:
            now = self._openness(time_s)
            moved = moved + self._renderer.eyes_to(now, float(self._template.eyes[0].mean()))
        share = amplitude * self._recorded.multiplier * self._envelope(time_s)
        return amplified(source, moved, share)

    def _laid(self, time_s: float) -> Points:
        template, face = self._template, self._renderer.face
        if len(template) == 1:
            found = carried(face, template, 0, self._how)
        else:
            found = carried(face, at_time(template, time_s), 1, self._how)
        return self._held(found).laid(face)

    def _held(self, found: Carried) -> Carried:
        """Within what the picture can carry."""
        face = self._renderer.face
        angles = within_angles(found.angles_deg, face.angles_deg)
        is_free = np.allclose(angles, found.angles_deg, atol=1e-9)
        return replace(
            found,
            rotation=found.rotation if is_free else rotation(*angles),
            expression=within_expression(found.expression, face.expression),
            place=within_place(found.place, face.place),
        )

    def _openness(self, time_s: float) -> float:
        if self._template.eyes is None:
            return 0.0
        times = np.arange(len(self._template)) / self._template.fps
        return float(np.interp(time_s, times, self._template.eyes.mean(axis=1)))

    def _envelope(self, time_s: float) -> float:
        """1, falling smoothly to 0 at the end; rising from 0 if it does not start on the still."""
        back_s = min(self._recorded.back_s, self._length_s / 2)
        left = [self._length_s - time_s]
        if not self._recorded.relative or len(self._template) == 1:
            left.append(time_s)
        share = min(max(min(left) / back_s, 0.0), 1.0)
        return share * share * (3 - 2 * share)
