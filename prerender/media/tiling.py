"""Large pictures through networks in tiles that leave no seam.

Each tile is cut with a margin of its surroundings, run, and only its middle is kept: what a network
sees near the edge of its input is not what it would have seen in the whole picture. At the border
of the picture the tile simply ends there, as the whole would.
"""

from collections.abc import Iterator
from itertools import pairwise
from typing import NamedTuple


class Tile(NamedTuple):
    """A part of a picture, in pixels of the picture: `[top, bottom)` by `[left, right)`."""

    top: int
    bottom: int
    left: int
    right: int

    def grown(self, margin: int, height: int, width: int) -> "Tile":
        """With `margin` more on each side, as far as the picture goes."""
        return Tile(
            max(0, self.top - margin),
            min(height, self.bottom + margin),
            max(0, self.left - margin),
            min(width, self.right + margin),
        )


def tiles(height: int, width: int, side: int) -> Iterator[Tile]:
    """Tiles of about `side` pixels that cover a picture once, row by row.

    All are of nearly one size: a narrow rest at the border would be mostly margin.
    """
    rows, columns = _cuts(height, side), _cuts(width, side)
    for top, bottom in pairwise(rows):
        for left, right in pairwise(columns):
            yield Tile(top, bottom, left, right)


def _cuts(length: int, side: int) -> list[int]:
    """Borders of the tiles along one side; inside they are multiples of four.

    Networks that fold pixels together (pixel unshuffle) need that to keep their phase.
    """
    count = max(1, -(-length // side))
    inner = [4 * round(length * number / count / 4) for number in range(1, count)]
    return [0, *inner, length]
