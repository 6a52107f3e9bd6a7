"""How the portraits of a library hang in this frame: order, on or off, titles of its own.

The library may be shared by several frames and is written by others; the arrangement belongs to
this one frame and lies in its state folder.
"""

import json
import tomllib
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Annotated

from pydantic import Field, ValidationError

from frame_app.base.hooks import Hook
from frame_app.cliplib.schema import IndexEntry, Slug
from frame_app.config.model import Settings
from frame_app.config.store import Keep

Title = Annotated[str, Field(min_length=1, max_length=200)]


class Hanging(Settings):
    """arrangement.toml."""

    order: tuple[Slug, ...] = ()
    """Portraits by id; those that are not named follow in the library's order."""

    off: tuple[Slug, ...] = ()
    """Portraits that do not hang. One that was deleted stays here: should it be rendered again, it
    does not come back by itself."""

    titles: dict[Slug, Title] = Field(default={})
    """Titles that replace the library's, by id."""


class Arrangement:
    """The arrangement in force; UI thread. What is changed is kept by `keep`."""

    def __init__(self, path: Path, keep: Keep) -> None:
        self.now = Hanging()
        self.changed = Hook[[]]()
        """The order, a title, or what hangs is another."""
        self._path = path
        self._keep = keep

    def load(self) -> str:
        """Read the file; one sentence if it cannot be used, and then the library's order counts."""
        try:
            self.now = Hanging.model_validate(tomllib.loads(self._path.read_text(encoding="utf-8")))
        except FileNotFoundError:
            return ""
        except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
            return f"{self._path}: is not used: {error}"
        except ValidationError as error:
            fault = error.errors(include_url=False)[0]
            return f"{self._path}: is not used: {fault['loc'][0]}: {fault['msg']}"
        return ""

    def ordered(self, entries: Sequence[IndexEntry]) -> tuple[IndexEntry, ...]:
        """All portraits, in this frame's order."""
        rank = {name: place for place, name in enumerate(self.now.order)}
        return tuple(sorted(entries, key=lambda entry: rank.get(entry.id, len(rank))))

    def hung(self, entries: Sequence[IndexEntry]) -> tuple[IndexEntry, ...]:
        """The portraits that hang, in order; all of them rather than an empty wall."""
        off = set(self.now.off)
        ordered = self.ordered(entries)
        return tuple(entry for entry in ordered if entry.id not in off) or ordered

    def title(self, entry: IndexEntry) -> str:
        """What the portrait is called here."""
        return self.now.titles.get(entry.id, entry.title)

    def is_on(self, portrait: str) -> bool:
        """Whether it hangs."""
        return portrait not in self.now.off

    def switch(self, portrait: str, *, on: bool) -> None:
        """Hang a portrait up, or take it down."""
        off = [name for name in self.now.off if name != portrait]
        self._adopt(off=tuple(off if on else [*off, portrait]))

    def reorder(self, portraits: Iterable[str]) -> None:
        """Hang them in this order."""
        self._adopt(order=tuple(portraits))

    def rename(self, portrait: str, title: str) -> None:
        """Call a portrait something else here; an empty title is the library's again."""
        titles = {name: text for name, text in self.now.titles.items() if name != portrait}
        if title.strip():
            titles[portrait] = title.strip()[:200]
        self._adopt(titles=titles)

    def replace(self, hanging: Hanging) -> None:
        """Take over another frame's arrangement."""
        self._adopt(**hanging.model_dump())

    def _adopt(self, **fields: object) -> None:
        now = Hanging.model_validate(self.now.model_dump() | fields)
        if now != self.now:
            self.now = now
            self._keep(self._path, _toml(now).encode())
            self.changed.fire()


def _toml(hanging: Hanging) -> str:
    """A JSON string or list of strings is the same in TOML."""
    titles = "".join(
        f"{name} = {json.dumps(title)}\n" for name, title in sorted(hanging.titles.items())
    )
    return (
        "# How the portraits hang in this frame; written by the settings panel.\n"
        f"order = {json.dumps(hanging.order)}\noff = {json.dumps(hanging.off)}\n"
        f"\n[titles]\n{titles}"
    )
