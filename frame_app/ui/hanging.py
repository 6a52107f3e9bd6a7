"""One portrait on the wall: pushes layers, actors and uniforms into a PortraitView."""

import itertools
from collections.abc import Iterator, Mapping

from PySide6.QtCore import QRectF, QSizeF
from PySide6.QtGui import QVector2D, QVector4D
from PySide6.QtQml import QQmlProperty
from PySide6.QtQuick import QQuickItem

from frame_app.base.errors import PortraitError
from frame_app.cliplib.schema import Manifest
from frame_app.config.model import FrameSettings
from frame_app.show.decode import Planes
from frame_app.show.lamp import Lighting
from frame_app.show.layers import Layers
from frame_app.show.mat import opening
from frame_app.show.morph import face_of
from frame_app.show.performer import Picture
from frame_app.show.portrait import Panel, Portrait
from frame_app.show.timeline import Vec2
from frame_app.ui.textures import TexelFormat, Texels, TextureItem, TextureStore

_LAYERS = ("plate", "plateDepth", "subject", "subjectDepth")
_SAMPLERS = (*_LAYERS, "luma", "chroma")
_FEATHER_PX = 10.0  # of the canvas, at most; less in small boxes
_STEP_PX = 3.0  # way of a ray on screen per step of the march; a secant refines the rest
_MAX_STEPS = 10.0
_CHIN, _CHEST = (
    1.9,
    4.5,
)  # below the eyes, in distances of the irises; adults measure 1.8 and 4 to 5
_EDGE = 0.006  # of the panel's shorter side: the cut of a mat of 2 mm on a panel of 30 cm
_CHEST_RISE = 0.09  # of the iris distance (63 mm) at full depth: about 6 mm


class Hanging:
    """Adapter between one PortraitView and what the show says; UI thread only."""

    def __init__(self, view: QQuickItem, store: TextureStore) -> None:
        self.view = view
        self.portrait: Portrait | None = None
        self.is_still = False
        """The picture is held as it is."""
        self._items: dict[str, TextureItem] = {}
        for name in _SAMPLERS:
            self._items[name] = store.new()
            view.setProperty(name, self._items[name])
        edge = view.findChild(QQuickItem, "edge")
        if edge is None:
            msg = "the portrait has no edge"
            raise PortraitError(msg)
        self._edge = edge
        self._light: Lighting | None = None
        self._place = (0.0, 0.0, 1.0)
        self._reach_px = 0.0
        self._fills = False
        self._slots: tuple[Planes | None, Planes | None] = (None, None)
        self._last: dict[str, object] = {}
        self._layers: Layers | None = None
        self._waiting: Iterator[tuple[str, Texels]] = iter(())
        self._uploads_left = 0
        self._crop_px = 1.0
        self.frame = (0.0, 0.0, 1.0, 1.0)
        """Left, top, width, height of the picture in the window, 0..1."""
        self._crop = (0.0, 0.0, 1.0, 1.0)
        self._pivot = 0.5
        self._breath: tuple[float, float, float] = (0.0, 0.0, 1.0)

    def hang(self, portrait: Portrait, panel: Panel, settings: FrameSettings) -> None:
        """Take another portrait; it can be shown once `is_ready`, see `upload_next`."""
        self.portrait = portrait
        manifest, layers = portrait.manifest, portrait.layers
        self._layers = layers
        self._waiting = _texels_of(layers)
        self._uploads_left = len(_LAYERS)
        width, height = portrait.extent
        self._items["luma"].reserve(TexelFormat.RG8, 2 * width, height)
        self._items["chroma"].reserve(TexelFormat.RG8, width, height // 2)
        self._slots = (None, None)
        canvas, box = manifest.canvas, manifest.actor_box
        feather = min(_FEATHER_PX, box.width / 12.0, box.height / 12.0)
        self._pivot = manifest.parallax.pivot
        self._set(
            box=QVector4D(
                box.x / canvas.width,
                box.y / canvas.height,
                (box.x + box.width) / canvas.width,
                (box.y + box.height) / canvas.height,
            ),
            boxTexels=QVector2D(*portrait.extent),
            wayRound=_carried(manifest),
            feather=QVector2D(feather / canvas.width, feather / canvas.height),
            subjectBounds=QVector4D(*layers.subject_bounds),
            spans=QVector4D(*layers.plate_span, *layers.subject_span),
            pivot=self._pivot,
            presence=0.0,
        )
        self.lay_out(panel, settings)

    def hold_still(self, *, still: bool) -> None:
        """Draw the picture once and show that: two scenes at a time are too much for a processor.

        Without a GPU a dissolve of two live scenes lost half of its frames at 960 x 540
        (measured on two cores); of one it loses one in fifteen.
        """
        self.is_still = still
        QQmlProperty.write(self.view, "layer.enabled", still)  # redrawn only when it changes

    def rehearse(self, double: "Hanging", *, on: bool) -> None:
        """Draw as in a dissolve, once and unseen, with another hanging that has nothing to show.

        Drivers build programs when something is first drawn with them. On the very first start,
        before they are cached on disk, a dissolve stood still for 0.26 s (measured with llvmpipe).
        """
        for name in _SAMPLERS:
            double.view.setProperty(name, (self if on else double)._items[name])  # noqa: SLF001 - its own kind
        double.view.setSize(QSizeF(1.0, 1.0))
        double.view.setZ(-1.0)  # this one lies over it
        double.view.setOpacity(0.5)
        double.view.setVisible(on)
        QQmlProperty.write(self.view, "layer.enabled", on)

    @property
    def is_ready(self) -> bool:
        """All layers are in their textures, or on the way there with the next picture."""
        return self._uploads_left == 0

    def upload_next(self) -> None:
        """Hand over one layer; all in one picture would hold up the portrait that still hangs."""
        for name, texels in itertools.islice(self._waiting, 1):
            self._items[name].put(texels)
            self._uploads_left -= 1

    def lay_out(self, panel: Panel, settings: FrameSettings) -> None:
        """Place the picture on the panel, as large as its mat or its cropping allow."""
        if self.portrait is None:
            return
        canvas = self.portrait.manifest.canvas
        self._breath = breath_of(self.portrait.manifest, settings.motion.breathing)
        canvas, picture = self.portrait.manifest.canvas, settings.picture
        place = opening(panel, canvas, picture)
        zoom = place.zoom
        left, top, width, height = place.left, place.top, place.width, place.height
        shorter = min(panel.width, panel.height)
        self._reach_px = picture.burn_in_shift * shorter
        self._fills = width >= panel.width and height >= panel.height
        edge_px = max(2.0, shorter * _EDGE)
        inset = self._inset(settings)
        shown = (width / (canvas.width * zoom), height / (canvas.height * zoom))
        crop = [side * (1.0 - 2.0 * inset) for side in shown]
        self._crop_px = width / crop[0]
        self.frame = (
            left / panel.width,
            top / panel.height,
            width / panel.width,
            height / panel.height,
        )
        self._crop = ((1.0 - crop[0]) / 2.0, (1.0 - crop[1]) / 2.0, crop[0], crop[1])
        ratio = panel.width / max(1.0, self.view.parentItem().width())
        self._set(
            crop=QVector4D(*self._crop),
            x=left / ratio,
            y=top / ratio,
            width=width / ratio,
            height=height / ratio,
            lip=_lip(edge_px, width, height) if picture.mat_style == "bevel" else QVector4D(),
        )
        self._place = (left / ratio, top / ratio, 1.0 / ratio)
        for name, value in (
            ("style", picture.mat_style if place.has_mat else "plain"),
            ("mat", picture.mat),
            ("thickness", edge_px / ratio),
        ):
            self._edge.setProperty(name, value)

    def circle(self, way: Vec2) -> None:
        """Stand a little aside, -1..1 of the burn-in shift each way, in whole pixels.

        A picture that fills the panel moves within its frame, so that no edge comes into sight.
        """
        right, down = round(way.x * self._reach_px), round(way.y * self._reach_px)
        if self._fills:
            left, top, width, height = self._crop
            reach = self._reach_px / self._crop_px
            crop = (left + reach + right / self._crop_px, top + reach + down / self._crop_px)
            self._set(crop=QVector4D(*crop, width - 2.0 * reach, height - 2.0 * reach))
            return
        left, top, step = self._place
        self._set(x=left + right * step, y=top + down * step)

    def place(self, across: float, down: float) -> tuple[float, float]:
        """Where in the window, 0..1, a point of the canvas, 0..1, is seen from straight ahead."""
        left, top, width, height = self._crop
        x, y = (across - left) / width, (down - top) / height
        return self.frame[0] + x * self.frame[2], self.frame[1] + y * self.frame[3]

    def covers(self, other: "Hanging") -> bool:
        """Whether nothing of the other would be seen around this one."""
        return QRectF(*self.frame).contains(QRectF(*other.frame))

    def show_actors(self, picture: Picture, presence: float) -> int:
        """Put the pictures of the actors into their textures; returns how many changed."""
        changed = 0
        for slot, planes in enumerate(picture.slots):
            if planes is None or planes is self._slots[slot]:
                continue
            width, height = planes.extent
            luma = Texels(TexelFormat.RG8, width, height, planes.luma)
            chroma = Texels(TexelFormat.RG8, width // 2, height // 2, planes.chroma)
            self._items["luma"].put_part(luma, slot)
            self._items["chroma"].put_part(chroma, slot)
            changed += 1
        self._slots = picture.slots
        is_empty = picture.slots == (None, None)
        across, down = (QVector4D(*row, 0.0) for row in picture.way)
        self._set(
            actorMix=picture.mix,
            presence=0.0 if is_empty else presence,
            wayAcross=across,
            wayDown=down,
        )
        return changed

    def show_viewpoint(self, shift: Vec2, breath: float, light: Lighting) -> None:
        """Move the eye, the chest and the light.

        Args:
            shift: Fractions of the canvas width, x right, y down.
            breath: 0..1, how much of the breath the player adds.
            light: Factors for red, green and blue, and the vignette; 0..1.
        """
        if self.portrait is None or self._layers is None:
            return
        canvas = self.portrait.manifest.canvas
        aspect = canvas.width / canvas.height
        self._set(
            shift=QVector2D(shift.x, shift.y * aspect),
            steps=QVector2D(*self._steps(shift)),
            breath=QVector4D(breath * self._breath[0], self._breath[1], self._breath[2], 0.0),
            light=QVector4D(*light),
        )
        if self._light != light:
            self._light = light
            self._edge.setProperty("light", QVector4D(*light))

    def _steps(self, shift: Vec2) -> tuple[float, float]:
        """As many steps as the ray's way on screen is worth."""
        if self._layers is None:
            return (1.0, 1.0)
        way_px = max(abs(shift.x), abs(shift.y)) * self._crop_px
        spans = (self._layers.plate_span, self._layers.subject_span)
        plate, subject = (
            min(_MAX_STEPS, 1.0 + way_px * (high - low) // _STEP_PX) for low, high in spans
        )
        return plate, subject

    def _inset(self, settings: FrameSettings) -> float:
        """Share of each side kept out of sight, so that no shift shows the canvas's edge."""
        if self.portrait is None:
            return 0.0
        manifest = self.portrait.manifest
        reach = max(manifest.parallax.pivot, 1.0 - manifest.parallax.pivot)
        aspect = max(1.0, manifest.canvas.width / manifest.canvas.height)
        shift = manifest.parallax.max_shift * settings.window.strength * reach * aspect
        return min(0.1, max(shift, self._breath[0]))

    def _set(self, **uniforms: object) -> None:
        """Set what changed: an unchanged picture is not drawn again."""
        for name, value in uniforms.items():
            if self._last.get(name) != value:
                self._last[name] = value
                self.view.setProperty(name, value)

    def uniforms(self) -> Mapping[str, object]:
        """What the shader was given last."""
        return self._last


def _lip(edge_px: float, width: float, height: float) -> QVector4D:
    """Shadow of the mat on a picture of this size: soft, and longer below the upper edge."""
    reach = 1.6 * edge_px
    return QVector4D(reach / width, reach / height, 0.7 * edge_px / height, 0.45)


def breath_of(manifest: Manifest, depth: float) -> tuple[float, float, float]:
    """Rise of the chest in uv at full breath, and where below the eyes it begins and is full."""
    eyes, height = manifest.eyes, manifest.canvas.height
    if eyes is None:
        return (0.0, 0.0, 1.0)
    apart = ((eyes.left.x - eyes.right.x) ** 2 + (eyes.left.y - eyes.right.y) ** 2) ** 0.5
    middle = 0.5 * (eyes.left.y + eyes.right.y)
    rise = _CHEST_RISE * apart * depth
    return rise / height, (middle + _CHIN * apart) / height, (middle + _CHEST * apart) / height


def _carried(manifest: Manifest) -> QVector4D:
    """Middle of the face, and 1 / reach around it, in the actor box."""
    face = face_of(manifest)
    if face is None:
        return QVector4D()
    return QVector4D(*face.middle, *(1.0 / reach for reach in face.carried))


def _texels_of(layers: Layers) -> Iterator[tuple[str, Texels]]:
    """One texture after the other; each is made when it is asked for."""
    for name, colour in (("plate", layers.plate), ("subject", layers.subject)):
        height, width, _ = colour.shape
        yield name, Texels(TexelFormat.RGBA8, width, height, colour.tobytes())
    for name, depth in (
        ("plateDepth", layers.plate_depth),
        ("subjectDepth", layers.subject_depth),
    ):
        height, width = depth.shape
        yield name, Texels(TexelFormat.R16, width, height, depth.tobytes())
