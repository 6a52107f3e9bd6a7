"""Frames of a slow clip, kept on disk a few at a time: a crash costs seconds, not a night.

An animator that takes seconds a frame works on one clip for an hour. What it has finished lies
beside the store until the clip is published, as differences from the still, which are mostly zeros.
A piece that is damaged, cut short or of another picture is made again.
"""

import hashlib
import itertools
import json
import logging
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

import numpy as np

from frame_app.base.arrays import ImageU8, MaskU8
from frame_app.base.atomic import storage_errors, write_atomic
from frame_app.base.hashing import key_of
from prerender.engines.base import ActorFrame

log = logging.getLogger(__name__)

LENGTH = 16
"""Frames of a segment: what a crash may cost, and what is in memory at once."""
_LEVEL = 1  # of zlib: the difference from the still is mostly zeros, and time is dear
_DIGEST = 32  # bytes of SHA-256 at the head of a file

Part: TypeAlias = Callable[[], Iterable[ActorFrame]]
"""Makes the frames of one segment."""


@dataclass(frozen=True, slots=True)
class Segments:
    """The pieces of one clip node."""

    folder: Path

    def frames(self, name: str, parts: Sequence[Part], still: ActorFrame) -> Iterator[ActorFrame]:
        """The frames of all parts, from disk where they are there already.

        Args:
            name: Of this take; another take of the clip has another name.
            parts: In order; each is called only if its frames are not there.
            still: What frames are kept as differences from.

        Raises:
            StorageError: the disk is full or read-only.
        """
        found = 0
        for number, part in enumerate(parts):
            path = self.folder / f"{key_of('take', {'name': name})[:16]}-{number:05d}"
            frames = _read(path, still)
            if frames is None:
                frames = list(part())
                with storage_errors(path):
                    self.folder.mkdir(parents=True, exist_ok=True)
                    write_atomic(path, _packed(frames, still))
            else:
                found += 1
            yield from frames
        if found:
            log.info("%d of %d pieces of %s were there already", found, len(parts), name)


def ranges(count: int) -> Iterator[tuple[int, int]]:
    """First and last but one of the frames of each segment of a clip."""
    edges = [*range(0, count, LENGTH), count]
    return itertools.pairwise(edges)


def _packed(frames: Sequence[ActorFrame], still: ActorFrame) -> bytes:
    layers = [
        zlib.compress((layer - base).tobytes(), _LEVEL)
        for frame in frames
        for layer, base in ((frame.colour, still.colour), (frame.matte, still.matte))
    ]
    head = {
        "shape": still.matte.shape,
        "sizes": [len(layer) for layer in layers],
        "jacobians": [frame.jacobian for frame in frames],
    }
    body = json.dumps(head).encode() + b"\n" + b"".join(layers)
    return hashlib.sha256(body).digest() + body


def _read(path: Path, still: ActorFrame) -> list[ActorFrame] | None:
    """The frames of a file, or None if they have to be made."""
    try:
        data = path.read_bytes()
    except OSError:
        return None
    digest, body = data[:_DIGEST], data[_DIGEST:]
    if hashlib.sha256(body).digest() != digest:
        log.warning("a piece of a clip is damaged and made again: %s", path.name)
        return None
    line, _, rest = body.partition(b"\n")
    head = json.loads(line)
    if tuple(head["shape"]) != still.matte.shape:
        return None
    cuts = [0, *itertools.accumulate(head["sizes"])]
    layers = [rest[a:b] for a, b in itertools.pairwise(cuts)]
    return [
        ActorFrame(_layer(colour, still.colour), _layer(matte, still.matte), jacobian)
        for colour, matte, jacobian in zip(
            layers[::2], layers[1::2], head["jacobians"], strict=True
        )
    ]


def _layer(data: bytes, base: ImageU8 | MaskU8) -> ImageU8 | MaskU8:
    plain = np.frombuffer(zlib.decompress(data), np.uint8).reshape(base.shape)
    return np.asarray(plain + base, np.uint8)
