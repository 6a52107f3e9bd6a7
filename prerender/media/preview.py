"""What a portrait looks like, without the player: a contact sheet, and clips over their scene."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from frame_app.base.arrays import DepthU16, ImageU8, MaskU8
from frame_app.base.errors import VideoError
from frame_app.cliplib.layout import GAZE
from frame_app.cliplib.schema import Box, Clip, GazeSheet, Lids, Manifest
from prerender.media.frames import split
from prerender.media.image import load_grey16, load_rgb, load_rgba, over
from prerender.media.video import Codec, VideoWriter, read_frames

_CELL_PX = 300  # width of one picture of the sheet
_COLUMNS = 8
_GAP_PX = 6
_LABEL_PX = 26
_VIEW_REACH, _VIEW_DROP = (
    2.0,
    0.5,
)  # in distances of the eyes: half the view, and how far below them
_SHEET_FPS = 10.0  # the gaze sheet has no order in time; this shows each direction
_PAPER, _INK = (24, 24, 26), (230, 228, 222)


@dataclass(frozen=True, slots=True)
class Size:
    """How much is written."""

    side_px: int
    """Long side of the videos."""
    videos: bool = True


@dataclass(frozen=True, slots=True, eq=False)
class _Scene:
    """The still layers of a portrait."""

    plate: ImageU8
    subject: ImageU8
    alpha: MaskU8
    plate_depth: DepthU16
    subject_depth: DepthU16
    box: Box

    def still(self) -> ImageU8:
        """The subject over the plate: what the player shows at rest."""
        return over(self.subject, self.alpha, self.plate)

    def with_actor(self, frame: ImageU8, still: ImageU8) -> ImageU8:
        """The actor's frame in place of the still subject inside its box."""
        colour, matte = split(frame)
        box = self.box
        shown = still.copy()
        inside = np.s_[box.y : box.y + box.height, box.x : box.x + box.width]
        shown[inside] = over(colour, matte, self.plate[inside])
        return shown


def write_preview(
    folder: Path, manifest: Manifest, out: Path, size: Size
) -> Iterator[Path | VideoError]:
    """Write `<id>.png` and `<id>-<clip>.mp4` to `out`.

    Yields:
        Each file when it is done, or why a clip cannot be shown.

    Raises:
        OSError: `out` cannot be written.
    """
    out.mkdir(parents=True, exist_ok=True)
    scene = _load(folder, manifest)
    still = scene.still()
    sheet = _Sheet()
    sheet.add_row("scene", _layers(scene, still))
    stage = _Stage(folder, manifest, out, size, scene, still, _view(manifest))
    for clip in manifest.clips:
        try:
            sheet.add_row(f"{clip.name}  {clip.frames} frames  {_scores(clip)}", stage.play(clip))
        except VideoError as error:
            yield error
            continue
        if size.videos:
            yield stage.film_path(clip.name)
    if manifest.gaze is not None:
        try:
            for label, cells in stage.look_around(manifest.gaze):
                sheet.add_row(label, cells)
        except VideoError as error:
            yield error
        else:
            if size.videos:
                yield stage.film_path(GAZE)
    path = out / f"{manifest.id}.png"
    sheet.save(path)
    yield path


@dataclass(frozen=True, slots=True, eq=False)
class _Stage:
    """Where clips are shown over their scene."""

    folder: Path
    manifest: Manifest
    out: Path
    size: Size
    scene: _Scene
    still: ImageU8
    view: tuple[slice, slice]
    """What the cells of the sheet show."""

    def film_path(self, name: str) -> Path:
        return self.out / f"{self.manifest.id}-{name}.mp4"

    def play(self, clip: Clip) -> list[ImageU8]:
        """Film a clip; returns some of its pictures."""
        wanted = _spread(clip.frames)
        shown = self._show(clip.name, clip.video.file, clip.fps, wanted)
        return [shown[number] for number in sorted(wanted & shown.keys())]

    def look_around(self, gaze: GazeSheet) -> Iterator[tuple[str, list[ImageU8]]]:
        """Film the gaze sheet; yields labelled rows of some of its cells."""
        rows = sorted(_spread(len(gaze.pitch_deg), 3), reverse=True)  # up is above
        columns = sorted(_spread(len(gaze.yaw_deg)))
        middle = len(gaze.yaw_deg) // 2, len(gaze.pitch_deg) // 2
        lids = [gaze.frame_index(*middle, lid) for lid in gaze.lids]
        grid = [[gaze.frame_index(column, row, Lids.OPEN) for column in columns] for row in rows]
        wanted = {*lids, *(number for line in grid for number in line)}
        shown = self._show(GAZE, gaze.video.file, _SHEET_FPS, wanted)
        for row, line in zip(rows, grid, strict=True):
            angles = f"yaw {gaze.yaw_deg[0]:+.0f} to {gaze.yaw_deg[-1]:+.0f}"
            label = f"gaze  pitch {gaze.pitch_deg[row]:+.0f} degrees, {angles}"
            yield label, [shown[number] for number in line if number in shown]
        names = ", ".join(lid.value for lid in gaze.lids)
        yield f"lids  {names}", [shown[number] for number in lids if number in shown]

    def _show(self, name: str, file: str, fps: float, wanted: set[int]) -> dict[int, ImageU8]:
        cells: dict[int, ImageU8] = {}
        frames = read_frames(self.folder / file)
        first = next(frames)  # before the film is begun: what cannot be decoded leaves nothing
        with _film(self.film_path(name), self.manifest, fps, self.size) as film:
            for number, frame in enumerate(chain([first], frames)):
                if not (number in wanted or self.size.videos):
                    continue
                shown = self.scene.with_actor(frame, self.still)
                film.add(shown)
                if number in wanted:
                    cells[number] = shown[self.view]
        return cells


class _Film:
    """A video of composited frames; writes nothing if none are wanted."""

    def __init__(self, writer: VideoWriter | None, size: tuple[int, int]) -> None:
        self._writer, self._size = writer, size

    def add(self, shown: ImageU8) -> None:
        if self._writer is not None:
            image = Image.fromarray(shown).resize(self._size, Image.Resampling.BILINEAR)
            self._writer.write(np.asarray(image, np.uint8))

    def __enter__(self) -> "_Film":
        return self

    def __exit__(self, *problem: object) -> None:
        if self._writer is not None:
            self._writer.__exit__(*problem)  # type: ignore[arg-type]


def _film(target: Path, manifest: Manifest, fps: float, size: Size) -> _Film:
    canvas = manifest.canvas
    scale = min(1.0, size.side_px / max(canvas.width, canvas.height))
    width, height = 2 * round(canvas.width * scale / 2), 2 * round(canvas.height * scale / 2)
    if not size.videos:
        return _Film(None, (width, height))
    codec = Codec(crf=20.0, preset="veryfast", gop=30)
    return _Film(VideoWriter(target, width, height, fps, codec), (width, height))


class _Sheet:
    """Rows of pictures with a label above each."""

    def __init__(self) -> None:
        self._rows: list[tuple[str, list[Image.Image]]] = []

    def add_row(self, label: str, pictures: list[ImageU8]) -> None:
        cells = []
        for pixels in pictures:
            image = Image.fromarray(np.ascontiguousarray(pixels))
            height = max(1, round(image.height * _CELL_PX / image.width))
            cells.append(image.resize((_CELL_PX, height), Image.Resampling.LANCZOS))
        self._rows.append((label, cells))

    def save(self, path: Path) -> None:
        width = max(len(cells) for _, cells in self._rows) * (_CELL_PX + _GAP_PX) + _GAP_PX
        heights = [max((cell.height for cell in cells), default=0) for _, cells in self._rows]
        total = sum(height + _LABEL_PX + _GAP_PX for height in heights) + _GAP_PX
        paper = Image.new("RGB", (width, total), _PAPER)
        pen, font = ImageDraw.Draw(paper), ImageFont.load_default(16)
        y = _GAP_PX
        for (label, cells), height in zip(self._rows, heights, strict=True):
            pen.text((_GAP_PX, y + 3), label, fill=_INK, font=font)
            y += _LABEL_PX
            for column, cell in enumerate(cells):
                paper.paste(cell, (_GAP_PX + column * (_CELL_PX + _GAP_PX), y))
            y += height + _GAP_PX
        paper.save(path, "PNG", compress_level=3)


def _load(folder: Path, manifest: Manifest) -> _Scene:
    subject, alpha = load_rgba(folder / manifest.scene.subject.file)
    return _Scene(
        plate=load_rgb(folder / manifest.scene.plate.file),
        subject=subject,
        alpha=alpha,
        plate_depth=load_grey16(folder / manifest.scene.plate_depth.file),
        subject_depth=load_grey16(folder / manifest.scene.subject_depth.file),
        box=manifest.actor_box,
    )


def _layers(scene: _Scene, still: ImageU8) -> list[ImageU8]:
    """Still, plate, subject over green, matte, depths, and where the actor box lies."""
    green = np.zeros_like(still)
    green[:] = (40, 160, 70)
    framed = still.copy()
    box, line = scene.box, max(2, still.shape[1] // 300)
    framed[box.y : box.y + box.height, box.x : box.x + line] = (255, 60, 60)
    framed[box.y : box.y + box.height, box.x + box.width - line : box.x + box.width] = (255, 60, 60)
    framed[box.y : box.y + line, box.x : box.x + box.width] = (255, 60, 60)
    framed[box.y + box.height - line : box.y + box.height, box.x : box.x + box.width] = (
        255,
        60,
        60,
    )
    depths = [
        np.repeat((depth >> 8).astype(np.uint8)[..., np.newaxis], 3, axis=2)
        for depth in (scene.subject_depth, scene.plate_depth)
    ]
    matte = np.repeat(scene.alpha[..., np.newaxis], 3, axis=2)
    cut_out = over(scene.subject, scene.alpha, green)
    return [still, scene.plate, cut_out, scene.subject, matte, *depths, framed]


def _view(manifest: Manifest) -> tuple[slice, slice]:
    """The face with its hair, or the actor box with a margin if the eyes are not known."""
    box, eyes, canvas = manifest.actor_box, manifest.eyes, manifest.canvas
    x, y = box.x + box.width / 2, box.y + box.height / 2
    reach = max(box.width, box.height) * 0.55
    if eyes is not None:
        x, y = (eyes.left.x + eyes.right.x) / 2, (eyes.left.y + eyes.right.y) / 2
        apart = max(abs(eyes.left.x - eyes.right.x), abs(eyes.left.y - eyes.right.y), 8.0)
        reach, y = apart * _VIEW_REACH, y + apart * _VIEW_DROP
    rows = slice(max(0, int(y - reach)), min(canvas.height, int(y + reach)))
    return rows, slice(max(0, int(x - reach)), min(canvas.width, int(x + reach)))


def _spread(count: int, wanted: int = _COLUMNS) -> set[int]:
    return {int(number) for number in np.linspace(0, count - 1, min(wanted, count)).round()}


def _scores(clip: Clip) -> str:
    return "  ".join(f"{name} {value:g}" for name, value in sorted(clip.scores.items()))
