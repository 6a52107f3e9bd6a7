"""Whether somebody is still the same, by the shape of the face: what is there without a network."""

from frame_app.base.arrays import ImageU8
from prerender.engines.base import BUILTIN, EngineInfo, Face, FaceEngine
from prerender.engines.identity import same_face, shape_change

_STRANGERS = 0.014  # face heights: the least that two people differ by (stages.restore, measured)


class BuiltinIdentity:
    """`IdentityEngine` over the face mesh; blind to everything that is no shape."""

    info = EngineInfo(id=BUILTIN, version=1)

    def __init__(self, finder: FaceEngine) -> None:
        self._finder = finder

    def drift(self, before: ImageU8, after: ImageU8, faces: tuple[Face, ...]) -> tuple[float, ...]:
        """See `IdentityEngine.drift`."""
        del before  # the landmarks of `faces` are all that is known of it
        found = self._finder.find(after)
        return tuple(_drift(face, same_face(face, found)) for face in faces)


def _drift(face: Face, found: Face | None) -> float:
    """A face that is no longer seen as one counts as somebody else's."""
    if found is None:
        return 1.0
    return shape_change(face.landmarks, found.landmarks) / _STRANGERS
