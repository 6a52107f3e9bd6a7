"""The built-in animator as an engine: clips and the gaze sheet of one subject.

Method: see prerender/portrait. Any frame is a pure function of picture, seed, clip and time.
"""

from functools import cached_property
from pathlib import Path

from frame_app.base.arrays import DepthF32, ImageU8, MaskF32
from prerender.engines.base import BUILTIN, EngineInfo, Face, Part
from prerender.engines.posed_actor import PosedActor
from prerender.portrait.motion_files import Repertoire, load_repertoire
from prerender.portrait.render import PortraitRenderer


class BuiltinAnimate:
    """Mesh animator; see `AnimateEngine`."""

    def __init__(self, *roots: Path) -> None:
        """See the class; motions are read when the first subject is prepared.

        Args:
            roots: Folders as `motion_files.motion_roots`; those if none is given.
        """
        self._roots = roots

    @cached_property
    def _repertoire(self) -> Repertoire:
        return load_repertoire(self._roots or None).drawn()

    @property
    def info(self) -> EngineInfo:
        """Version counts changes of pixels; motions are a parameter and have a key of their own."""
        return EngineInfo(id=BUILTIN, version=24)

    def actor(
        self,
        subject: ImageU8,
        matte: MaskF32,
        depth: DepthF32,
        face: Face,
        seed: int,
        part: Part | None = None,
    ) -> PosedActor:
        """See `AnimateEngine.actor`; the relief of the head is the landmarks', not `depth`'s."""
        del depth
        territory = part.territory if part is not None else None
        renderer = PortraitRenderer(subject, matte, face.landmarks, territory)
        return PosedActor(renderer, self._repertoire, seed, part.vigour if part else 1.0)
