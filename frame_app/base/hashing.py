"""Tagged content hashes."""

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import TypeAlias

_CHUNK_BYTES = 1 << 20

Json: TypeAlias = (
    "str | int | float | bool | list[Json] | tuple[Json, ...] | dict[str, Json] | None"
)


def file_sha256(path: Path) -> str:
    """The SHA-256 of a file's bytes as 64 hex digits.

    Raises:
        OSError: the file cannot be read.
    """
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while chunk := stream.read(_CHUNK_BYTES):
            digest.update(chunk)
    return digest.hexdigest()


def bytes_sha256(data: bytes) -> str:
    """The SHA-256 of `data` as 64 hex digits."""
    return hashlib.sha256(data).hexdigest()


def key_of(tag: str, parts: Mapping[str, Json]) -> str:
    """A hash that names a result: same tag and parts, same key, whatever their order.

    The tag keeps keys of different meaning apart even if their parts agree.
    """
    text = json.dumps(parts, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return bytes_sha256(f"{tag}\0{text}".encode())
