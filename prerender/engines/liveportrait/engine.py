"""LivePortrait as an animator: our motions, gaze sheet and visemes on a painted face."""

from collections.abc import Iterator

from frame_app.base.arrays import DepthF32, ImageU8, MaskF32
from prerender.engines.base import ActorFrame, EngineInfo, Face, Part
from prerender.engines.liveportrait.files import sizes_of
from prerender.engines.liveportrait.painter import FacePainter
from prerender.engines.liveportrait.performance import Performance
from prerender.engines.liveportrait.renderer import FaceRenderer
from prerender.engines.liveportrait.template import read_template
from prerender.engines.neural.contract import need_bytes_of
from prerender.engines.neural.workbench import Workbench
from prerender.engines.posed_actor import PosedActor
from prerender.engines.weights import weights_room
from prerender.portrait.motion_files import Repertoire, load_repertoire


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

    @property
    def painter(self) -> FacePainter:
        """Its networks, for reading driving videos."""
        return self._painter

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
    ) -> "FaceActor":
        """See `AnimateEngine.actor`; the networks know the depth of a head themselves."""
        del depth
        territory = part.territory if part is not None else None
        renderer = FaceRenderer(self._painter, subject, matte, face.landmarks, territory)
        return FaceActor(renderer, self._repertoire, seed, part.vigour if part else 1.0)


class FaceActor(PosedActor):
    """Plays recordings besides our motions."""

    def __init__(
        self, renderer: FaceRenderer, repertoire: Repertoire, seed: int, vigour: float = 1.0
    ) -> None:
        super().__init__(renderer, repertoire, seed, vigour)
        self._face_renderer = renderer
        self._recordings: dict[str, Performance] = {}

    def frames(
        self, name: str, fps: float, start: int, stop: int, amplitude: float = 1.0
    ) -> Iterator[ActorFrame]:
        """See `Actor.frames`; a recording that cannot be read raises `TemplateError`."""
        motion = self._motion(name)
        if motion.recorded is None:
            return super().frames(name, fps, start, stop, amplitude)
        if name not in self._recordings:
            template = read_template(self._repertoire.recording(name))
            self._recordings[name] = Performance(
                template, motion.recorded, motion.duration_s, self._face_renderer
            )
        performance, last = self._recordings[name], motion.frames(fps) - 1
        moved = (
            performance.at(motion.duration_s * index / last, amplitude * self._vigour)
            for index in range(start, min(stop, last + 1))
        )
        return self._shown(self._face_renderer.render_points(moved))
