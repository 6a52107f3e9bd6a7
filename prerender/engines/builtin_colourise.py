"""No colours: what is there without a network, since colours that were lost cannot be computed."""

from frame_app.base.arrays import ImageU8
from prerender.engines.base import BUILTIN, EngineInfo


class BuiltinColourise:
    """`ColouriseEngine` that leaves the picture as it is."""

    info = EngineInfo(id=BUILTIN, version=1)

    def colourise(self, image: ImageU8) -> ImageU8:
        """See `ColouriseEngine.colourise`."""
        return image.copy()
