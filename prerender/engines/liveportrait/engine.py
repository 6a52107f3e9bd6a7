"""LivePortrait as an animator: our motions, gaze sheet and visemes on a painted face."""

from frame_app.base.arrays import DepthF32, ImageU8, MaskF32
from prerender.engines.base import EngineInfo, Face, Part
from prerender.engines.liveportrait.files import sizes_of
from prerender.engines.liveportrait.painter import FacePainter
from prerender.engines.liveportrait.renderer import FaceRenderer
from prerender.engines.neural.contract import need_bytes_of
from prerender.engines.neural.workbench import Workbench
from prerender.engines.posed_actor import PosedActor
from prerender.engines.weights import weights_room
from prerender.portrait.motion_files import load_repertoire


class LivePortrait:
    """See `AnimateEngine`. One thread."""

    version = 1
    generative = True

    def __init__(self, model: str, bench: Workbench) -> None:
        opened = weights_room().open(model)
        self._model = model
        self._painter = FacePainter(
            opened.files, sizes_of(opened.contract), bench, need_bytes_of(model), model
        )
        self._repertoire = load_repertoire()

    @property
    def info(self) -> EngineInfo:
        """See `Engine.info`."""
        return weights_room().info(self._model, self.version, generative=self.generative)

    def close(self) -> None:
        """Free the networks."""
        self._painter.close()

    def actor(
        self,
        subject: ImageU8,
        matte: MaskF32,
        depth: DepthF32,
        face: Face,
        seed: int,
        part: Part | None = None,
    ) -> PosedActor:
        """See `AnimateEngine.actor`; the networks know the depth of a head themselves."""
        del depth
        territory = part.territory if part is not None else None
        renderer = FaceRenderer(self._painter, subject, matte, face.landmarks, territory)
        return PosedActor(renderer, self._repertoire, seed, part.vigour if part else 1.0)
