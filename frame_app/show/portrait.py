"""One portrait made ready to play: layers, decoded heads, gaze sheet. Loads in a thread."""

import functools
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from frame_app.base.errors import PictureError, VideoError
from frame_app.cliplib.schema import (
    NEUTRAL,
    Box,
    Clip,
    Family,
    FileRef,
    GazeSheet,
    Manifest,
    Provenance,
    Scene,
    Size,
    Source,
)
from frame_app.config.model import DecodingSettings
from frame_app.show.decode import Extent, FrameStream, Planes, Segment, decode_segment
from frame_app.show.layers import Layers, load_layers, load_still
from frame_app.show.playlist import Run, idle_clips, is_neutral, reaction_clips
from frame_app.show.poses import find_route
from frame_app.show.sheet import SheetReader

log = logging.getLogger(__name__)

_SMALLER_FROM = 0.8  # above this, making layers smaller costs more sharpness than it saves


class Panel(NamedTuple):
    """Size of the window in device pixels."""

    width: int
    height: int


class Portrait:
    """What the player holds of one portrait.

    Made by `load_portrait` in a thread, which goes on with `load_more` while the portrait is on
    screen already. `close` ends its threads.
    """

    def __init__(
        self,
        folder: Path,
        manifest: Manifest,
        layers: Layers,
        settings: DecodingSettings,
        scale: float,
    ) -> None:
        self.folder = folder
        self.manifest = manifest
        self.layers = layers
        self.scale = scale
        self.heads: dict[str, tuple[Planes, ...]] = {}
        self.broken: dict[str, str] = {}
        """Clips that cannot be decoded, by name, and why."""
        self._settings = settings
        self._is_closed = False
        self._streams: list[FrameStream] = []
        box = manifest.actor_box
        self.extent = Extent(_even(box.width * scale), _even(box.height * scale))
        self.sheet: SheetReader | None = None

    @property
    def idle(self) -> tuple[Clip, ...]:
        """Clips of which an idle can be made now."""
        return tuple(c for c in idle_clips(self.manifest.clips) if c.name not in self.broken)

    @property
    def usable(self) -> tuple[Clip, ...]:
        """Clips that are not known to be broken."""
        return tuple(c for c in self.manifest.clips if c.name not in self.broken)

    @property
    def reactions(self) -> tuple[Clip, ...]:
        """Clips to answer with: they can start at once, since their heads are decoded.

        Clips that lead to other poses and back wait for their decoder; nobody waits for them.
        """
        usable = self.usable
        return tuple(
            clip
            for clip in usable
            if clip.family is not Family.IDLE
            and (clip.name in self.heads or not is_neutral(clip))
            and find_route(usable, NEUTRAL, clip.start_pose) is not None
            and find_route(usable, clip.end_pose, NEUTRAL) is not None
        )

    @property
    def still_planes(self) -> Planes | None:
        """The neutral pose as a picture of the actor box, if a clip that shows it is decoded."""
        heads = (self.heads.get(clip.name) for clip in self.idle)
        return next((head[0] for head in heads if head), None)

    @property
    def gaze(self) -> GazeSheet | None:
        """The gaze sheet if its centre can be shown."""
        is_ready = self.sheet is not None and not self.sheet.problem
        return self.manifest.gaze if is_ready else None

    def open_run(self, run: Run) -> FrameStream:
        """Start decoding a run of frames; the head comes along where it begins one."""
        clip = run.clip
        segment = Segment(clip.name, self.folder / clip.video.file, clip.fps, run.start, run.stop)
        head = self.heads.get(clip.name, ()) if run.start == 0 else ()
        stream = FrameStream(segment, self.extent, self._settings.ahead_frames, head)
        self._streams = [old for old in self._streams if not old.join(0.0)]
        self._streams.append(stream)
        return stream

    def load_head(self, clip: Clip) -> None:
        """Decode the first frames of a clip, or note that it is broken."""
        count = min(self._settings.head_frames, clip.frames)
        segment = Segment(clip.name, self.folder / clip.video.file, clip.fps, 0, count)
        try:
            self.heads[clip.name] = tuple(decode_segment(segment, self.extent))
        except VideoError as error:
            log.warning("clip %s is left out: %s", clip.name, error)
            self.broken[clip.name] = str(error)

    def load_more(self) -> bool:
        """Open the gaze sheet or decode one more head; False if there is nothing left to do."""
        if self._is_closed:
            return False
        if self.manifest.gaze is not None and self.sheet is None:
            self._open_sheet(self.manifest.gaze)
            return True
        return self.load_next_head()

    def load_next_head(self) -> bool:
        """Decode one more head; False if none is missing."""
        clip = next(self._headless(), None)
        if clip is not None:
            self.load_head(clip)
        return clip is not None

    @property
    def has_all_heads(self) -> bool:
        """Every clip that can be decoded can start at once."""
        return next(self._headless(), None) is None

    def _headless(self) -> Iterator[Clip]:
        for clip in (*self.idle, *reaction_clips(self.manifest.clips)):
            if clip.name not in self.heads and clip.name not in self.broken:
                yield clip

    def head_bytes(self) -> int:
        """Memory that the heads hold."""
        return sum(planes.size_bytes for head in self.heads.values() for planes in head)

    def close(self) -> None:
        """Let go of the threads; returns at once."""
        self._is_closed = True
        for stream in self._streams:
            stream.close()
        if self.sheet is not None:
            self.sheet.close()

    def join(self, timeout_s: float) -> bool:
        """Wait for the threads; False if one still runs."""
        threads = (*self._streams, *([self.sheet] if self.sheet else ()))
        return all(thread.join(timeout_s) for thread in threads)

    def _open_sheet(self, grid: GazeSheet) -> None:
        path = self.folder / grid.video.file
        budget = self._settings.gaze_cache_mb * 1_000_000
        sheet = SheetReader(path, self.extent, budget)
        sheet.prefetch(_by_distance(grid))
        self.sheet = sheet
        if self._is_closed:  # the portrait went while the sheet was being opened
            sheet.close()


def load_portrait(
    folder: Path, manifest: Manifest, panel: Panel, settings: DecodingSettings
) -> Portrait:
    """Read what the first picture needs: the layers and the head of one idle clip.

    Raises:
        PictureError: neither the scene nor the poster can be read.
    """
    scale = scale_for(manifest, panel)
    try:
        layers = load_layers(folder, manifest, scale)
    except PictureError as error:
        log.warning("%s; the poster of %s is shown", error, manifest.id)
        layers = load_still(folder / manifest.poster.file)
        flat = manifest.model_copy(update={"clips": (), "gaze": None})
        return Portrait(folder, flat, layers, settings, scale)
    portrait = Portrait(folder, manifest, layers, settings, scale)
    for clip in portrait.idle:
        portrait.load_head(clip)
        if clip.name in portrait.heads:
            break
    return portrait


def scale_for(manifest: Manifest, panel: Panel) -> float:
    """How much smaller than the canvas the portrait is decoded, 1 where the panel can show it all.

    One size for layers and clips, so that the actor is as sharp as the still around it.
    """
    canvas = manifest.canvas
    fit = max(panel.width / canvas.width, panel.height / canvas.height)
    contained = min(panel.width / canvas.width, panel.height / canvas.height)
    wanted = min(1.0, fit if fit < 1.2 * contained else contained * 1.05)
    return 1.0 if wanted > _SMALLER_FROM else wanted


def _by_distance(grid: GazeSheet) -> list[int]:
    """All frames of a sheet, open lids near the centre first."""
    return sorted(range(grid.frames), key=functools.partial(_rank, grid))


def _rank(grid: GazeSheet, index: int) -> tuple[int, float]:
    columns, rows = len(grid.yaw_deg), len(grid.pitch_deg)
    lid, cell = divmod(index, columns * rows)
    row, column = divmod(cell, columns)
    return (lid > 0, abs(grid.yaw_deg[column]) + 2.0 * abs(grid.pitch_deg[row]))


def _even(length: float) -> int:
    return max(2, round(length / 2.0) * 2)


def load_fallback(still: Path, settings: DecodingSettings) -> Portrait:
    """The shipped still as a portrait: a window without anybody in it.

    Raises:
        PictureError: it cannot be read.
    """
    layers = load_still(still)
    height, width, _ = layers.plate.shape
    ref = FileRef(file=still.name, sha256="0" * 64, size_bytes=1)
    manifest = Manifest(
        id="fallback",
        title="Portrait frame",
        source=Source(name=still.name, sha256="0" * 64, size_bytes=1, width=width, height=height),
        canvas=Size(width=width // 2 * 2, height=height // 2 * 2),
        actor_box=Box(x=0, y=0, width=16, height=16),
        poster=ref,
        scene=Scene(plate=ref, plate_depth=ref, subject=ref, subject_depth=ref),
        provenance=Provenance(
            generator="portrait-frame", ai_generated=False, digital_source_type=""
        ),
    )
    return Portrait(still.parent, manifest, layers, settings, 1.0)
