"""Exit codes of `prerender`; see `frame_app.base.errors`.

0    everything that was asked for is done, or was done before
1    something failed; with several photos: some failed, or they failed for different reasons
2    wrong use of the command line, or of a recipe
3    weights are missing or wrong
4    no photo could be read, or none had a face
5    the library cannot be read
6    the disk is full or read-only
130  interrupted; what was made so far is kept
"""

from enum import IntEnum


class Exit(IntEnum):
    """What the shell sees."""

    OK = 0
    FAILED = 1
    USAGE = 2
    WEIGHTS = 3
    PICTURE = 4
    LIBRARY = 5
    STORAGE = 6
    INTERRUPTED = 130
