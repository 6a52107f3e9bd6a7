"""Gives colours to a black-and-white picture, if asked to."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
from pydantic import Field

from prerender.core.stage import ArtifactKind, EngineParams, StageContext, StillStage
from prerender.engines.base import BUILTIN, Measured
from prerender.engines.noise import mix
from prerender.engines.registry import Task
from prerender.engines.tone import is_monochrome
from prerender.media.files import pass_on
from prerender.media.image import load_rgb, save_rgb

_NOBODY = (
    "the picture stays without colour: there is no engine for it here; see prerender models list"
)
_COLOURED = "the picture has colours of its own, and keeps them"


class ColouriseParams(EngineParams):
    """[stage.colourise] of a recipe."""

    strength: float = Field(default=0.0, ge=0.0, le=1.0)
    """How much colour a picture without any gets; 0 leaves every picture as it is. The colours are
    a network's guess, and nobody's memory."""


class ColouriseStage(StillStage[ColouriseParams]):
    """Keeps size and lightness."""

    name = "colourise"
    version = 1
    consumes = (ArtifactKind.RESTORED,)
    produces = (ArtifactKind.COLOURED,)
    task = Task.COLOURISE
    params_type = ColouriseParams

    @classmethod
    def uses_engine(cls, params: ColouriseParams) -> bool:
        """Not if nothing is to be changed."""
        return params.strength > 0.0

    def run(
        self, inputs: Mapping[ArtifactKind, Path], params: ColouriseParams, ctx: StageContext
    ) -> Measured:
        """See the class."""
        source, target = inputs[ArtifactKind.RESTORED], ctx.output(ArtifactKind.COLOURED)
        if not self.uses_engine(params):
            pass_on(source, target)
            return Measured()
        engine = ctx.engines.colourise(params.engine)
        image = load_rgb(source)
        unused = _NOBODY if engine.info.id == BUILTIN else ""
        unused = unused or ("" if is_monochrome(image) else _COLOURED)
        if unused:
            pass_on(source, target)
            return Measured(warnings=(unused,))
        coloured = engine.colourise(image)
        save_rgb(
            target, mix(image, coloured, np.full(image.shape[:2], params.strength, np.float32))
        )
        return Measured({"strength": params.strength})
