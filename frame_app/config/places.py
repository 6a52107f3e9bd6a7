"""Where in a TOML file a value stands, for messages that name the line."""

import re
from collections.abc import Iterator, Sequence

_TABLE = re.compile(r"^\s*(\[\[?)\s*([A-Za-z0-9_.-]+)\s*\]\]?")
_KEY = re.compile(r"^\s*([A-Za-z0-9_-]+)\s*=")
_MULTILINE = ('"""', "'''")


def line_of(text: str, place: Sequence[str | int]) -> int:
    """The line, from 1 on, of a table, of a table's key, or of what comes nearest to it.

    Args:
        text: The file; its syntax is sound.
        place: Names of tables and keys and numbers in arrays, as pydantic gives them:
            `("behaviour", 2, "play", 0)` is in the third `[[behaviour]]`.
    """
    wanted = list(place)
    table = str(wanted.pop(0)) if wanted else ""
    number = wanted.pop(0) if wanted and isinstance(wanted[0], int) else 0
    key = str(wanted[0]) if wanted else ""
    found = 1
    seen = -1
    is_inside = False
    for line, kind, name in _marks(text):
        if kind == "key":
            if is_inside and name == key:
                return line
            if seen < 0 and not is_inside and name == table:
                return line  # a key of the file itself, before any table
            continue
        seen += name == table
        is_inside = name == table and seen == number
        if is_inside:
            found = line
    return found


def _marks(text: str) -> Iterator[tuple[int, str, str]]:
    """Line, `table` or `key`, and name, without what stands in strings of several lines."""
    closing = ""
    for number, line in enumerate(text.splitlines(), start=1):
        if closing:
            if closing in line:
                closing = ""
            continue
        closing = next((mark for mark in _MULTILINE if line.count(mark) == 1), "")
        if found := _TABLE.match(line):
            yield number, "table", found[2]
        elif found := _KEY.match(line):
            yield number, "key", found[1]
