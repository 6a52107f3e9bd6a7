"""The PIN before the settings panel: kept as a salted hash, with a wait after wrong ones."""

import hashlib
import hmac
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from pydantic import Field, ValidationError

from frame_app.config.model import Settings
from frame_app.config.store import Keep

DIGITS = (4, 8)
"""A PIN has at least and at most so many digits."""

_COST, _BLOCK, _LANES = 2**14, 8, 1  # of scrypt: 16 MB and about 50 ms, RFC 7914
_NONE = b"{}"  # the file's content while there is no PIN
_FREE_TRIES = 3
_FIRST_WAIT_S, _LONGEST_WAIT_S = 5.0, 600.0

Hex = Annotated[str, Field(pattern=r"^[0-9a-f]{32,128}$")]


class PinRecord(Settings):
    """pin.json."""

    salt: Hex
    """Random, made anew with every PIN."""

    digest: Hex
    """scrypt of the PIN and the salt."""

    failures: int = Field(default=0, ge=0)
    """Wrong PINs since the last right one; kept, so that pulling the plug does not forgive them."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """A PIN that was typed, to be compared off the UI thread: `is_right` takes about 50 ms."""

    pin: str
    record: PinRecord

    def is_right(self) -> bool:
        """Whether it is the one that was set."""
        found = _digest(self.pin, bytes.fromhex(self.record.salt))
        return hmac.compare_digest(found, bytes.fromhex(self.record.digest))


def make_record(pin: str) -> PinRecord:
    """Hash a new PIN; about 50 ms.

    Raises:
        ValueError: it is not 4 to 8 digits.
    """
    if not (pin.isascii() and pin.isdigit() and DIGITS[0] <= len(pin) <= DIGITS[1]):
        msg = "a PIN has 4 to 8 digits"
        raise ValueError(msg)
    salt = os.urandom(16)
    return PinRecord(salt=salt.hex(), digest=_digest(pin, salt).hex())


class PinLock:
    """Knows the PIN's hash and how long to wait; UI thread."""

    def __init__(self, path: Path, keep: Keep) -> None:
        self._path = path
        self._keep = keep
        self._record: PinRecord | None = None
        self._closed_until_s = 0.0

    def load(self) -> str:
        """Read the file; one sentence if it cannot be used.

        A damaged file locks nobody out: whoever can damage it could delete it as well.
        """
        try:
            data = self._path.read_bytes()
            self._record = None if data.strip() == _NONE else PinRecord.model_validate_json(data)
        except FileNotFoundError:
            return ""
        except (OSError, ValidationError):
            return f"{self._path}: is not used: not a PIN file; the panel opens without a PIN"
        return ""

    @property
    def has_pin(self) -> bool:
        """Whether the panel asks for a PIN."""
        return self._record is not None

    def attempt(self, pin: str, now_s: float) -> Attempt | None:
        """Take a PIN that was typed; None while it is too early for another try."""
        if self._record is None or self.wait_s(now_s) > 0.0:
            return None
        return Attempt(pin, self._record)

    def note(self, *, is_right: bool, now_s: float) -> None:
        """Remember how an attempt ended; after the third wrong one the waits double."""
        if self._record is None:
            return
        failures = 0 if is_right else self._record.failures + 1
        if failures == self._record.failures:
            return
        self.set(self._record.model_copy(update={"failures": failures}))
        if failures >= _FREE_TRIES:
            wait_s = _FIRST_WAIT_S * 2.0 ** min(failures - _FREE_TRIES, 20)
            self._closed_until_s = now_s + min(wait_s, _LONGEST_WAIT_S)

    def wait_s(self, now_s: float) -> float:
        """Seconds until the next try is allowed."""
        return max(0.0, self._closed_until_s - now_s)

    def set(self, record: PinRecord | None) -> None:
        """Ask for this PIN from now on, or for none."""
        self._record = record
        data = _NONE if record is None else record.model_dump_json().encode()
        self._keep(self._path, data + b"\n")


def _digest(pin: str, salt: bytes) -> bytes:
    return hashlib.scrypt(pin.encode(), salt=salt, n=_COST, r=_BLOCK, p=_LANES, dklen=32)
