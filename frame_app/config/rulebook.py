"""The behaviours in force: the user's file, watched, with the panel's changes on top."""

import logging
import queue
import threading
import tomllib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeAlias

from pydantic import ValidationError

from frame_app.base.errors import ConfigError
from frame_app.base.hooks import Hook
from frame_app.config.behaviours import Behaviour, Behaviours, load_behaviours
from frame_app.config.store import Tables, to_toml

log = logging.getLogger(__name__)

CHANGEABLE = ("on", "probability", "cooldown_s")
"""What the panel may change of a rule."""

_LOOK_EVERY_S = 2.0

Stamp: TypeAlias = tuple[int, int, int] | None


class RuleBook:
    """Knows the rules; `rules`, `change` and `reset` as the panel wants them. UI thread.

    A thread looks for another version of the file. The user's file itself is never written: what
    the panel changes lies in a file of its own, so comments stay.
    """

    def __init__(
        self,
        file: Path,
        shipped: Path,
        changes_file: Path,
        keep: Callable[[Path, bytes], object],
    ) -> None:
        """See the class.

        Args:
            file: The user's; `shipped` stands in while it does not exist or has a fault.
            shipped: Rules that are known to be sound.
            changes_file: What the panel changed.
            keep: Writes a file soon, in another thread.
        """
        self.changed = Hook[[]]()
        """Other rules are in force."""
        self.behaviours = Behaviours()
        """The rules in force."""
        self.fault = ""
        """What is wrong with the user's file, with its line; empty while it is sound."""
        self._file, self._shipped, self._changes_file = file, shipped, changes_file
        self._keep = keep
        self._beneath = Behaviours()
        self._changes: Tables = {}
        self._news: queue.SimpleQueue[Behaviours | ConfigError] = queue.SimpleQueue()
        self._is_closed = threading.Event()
        self._thread: threading.Thread | None = None
        self._stamp: Stamp = None

    def load(self) -> tuple[str, ...]:
        """Read everything once, before anything is shown; what cannot be used is named."""
        problems: list[str] = []
        self._stamp = _stamp(self._file)
        try:
            self._beneath = load_behaviours(self._file if self._stamp else self._shipped)
        except ConfigError as error:
            self.fault = str(error)
            problems.append(f"{error}; the shipped behaviours are in force")
            self._beneath = load_behaviours(self._shipped)
        self._changes = _read_changes(self._changes_file, problems)
        self._merge()
        return tuple(problems)

    def watch(self) -> None:
        """From now on take up what is written into the user's file."""
        self._thread = threading.Thread(target=self._look, name="behaviours", daemon=True)
        self._thread.start()

    def close(self, timeout_s: float) -> bool:
        """Watch no more."""
        self._is_closed.set()
        if self._thread is not None:
            self._thread.join(timeout_s)
        return self._thread is None or not self._thread.is_alive()

    def take_news(self) -> str:
        """Put into force what the file brought; a sentence if it brought a fault."""
        while not self._news.empty():
            news = self._news.get()
            if isinstance(news, ConfigError):
                self.fault = str(news)
                return f"{news}; the behaviours stay as they were"
            self.fault = ""
            self._beneath = news
            self._merge()
            log.info("behaviours: %d rules taken up", len(news.behaviour))
            self.changed.fire()
        return ""

    def rules(self) -> Sequence[Behaviour]:
        """In the order in which they are tried."""
        return self.behaviours.behaviour

    def change(self, name: str, key: str, value: float | bool) -> None:  # noqa: FBT001 - a value
        """Change one field of a rule, at once and over restarts.

        Raises:
            ConfigError: there is no such rule or field, or the value is out of its bounds.
        """
        rule = next((rule for rule in self.rules() if rule.name == name), None)
        if rule is None or key not in CHANGEABLE:
            raise ConfigError(self._changes_file, f"{name}.{key} cannot be changed")
        try:
            Behaviour.model_validate(rule.model_dump() | {key: value})
        except ValidationError as error:
            reason = error.errors(include_url=False)[0]["msg"]
            raise ConfigError(self._changes_file, f"{name}.{key} = {value}: {reason}") from error
        self._changes.setdefault(name, {})[key] = value
        self._kept()

    def reset(self, name: str) -> None:
        """Take back what the panel changed of a rule."""
        if self._changes.pop(name, None) is not None:
            self._kept()

    def _kept(self) -> None:
        text = to_toml(self._changes).splitlines()
        text[0] = "# Changes made in the settings panel; they win over behaviours.toml."
        self._keep(self._changes_file, ("\n".join(text) + "\n").encode())
        self._merge()
        self.changed.fire()

    def _merge(self) -> None:
        rules = tuple(
            rule.model_copy(update=self._changes.get(rule.name, {}))
            for rule in self._beneath.behaviour
        )
        self.behaviours = self._beneath.model_copy(update={"behaviour": rules})

    def _look(self) -> None:
        """The thread: read the file when it is another one, and lies still."""
        seen = before = self._stamp
        while not self._is_closed.wait(_LOOK_EVERY_S):
            stamp = _stamp(self._file)
            is_still = stamp == before  # an editor may be at work
            before = stamp
            if stamp == seen or not is_still:
                continue
            seen = stamp
            try:
                self._news.put(load_behaviours(self._file if stamp else self._shipped))
            except ConfigError as error:
                log.warning("%s", error)
                self._news.put(error)


def _stamp(path: Path) -> Stamp:
    """What changes when a file does; None where there is none."""
    try:
        stat = path.stat()
    except OSError:
        return None
    return stat.st_mtime_ns, stat.st_size, stat.st_ino


def _read_changes(path: Path, problems: list[str]) -> Tables:
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        problems.append(f"{path}: is not used: {error}")
        return {}
    usable: Tables = {}
    for name, values in raw.items():
        for key, value in values.items() if isinstance(values, dict) else ():
            try:
                probe = {"name": "a", "event": "nod", "mood": "calm", key: value}
                Behaviour.model_validate(probe)
                is_sound = key in CHANGEABLE
            except ValidationError:
                is_sound = False
            if is_sound:
                usable.setdefault(name, {})[key] = value
            else:
                problems.append(f"{path}: {name}.{key} = {value!r} is not used")
    return usable
