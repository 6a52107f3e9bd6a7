"""What the frame says on the wall when something is degraded: short, in its language.

What somebody has to know who mends it stands in the log and in the journal, not on the wall.
"""

from collections.abc import Sequence

from PySide6.QtCore import QCoreApplication

translate = QCoreApplication.translate


def no_portraits() -> str:
    """The library is empty, or not there."""
    return translate(
        "notice",
        "There are no portraits yet. Put photos into the inbox; they come alive overnight.",
    )


def library_damaged() -> str:
    """An older generation is shown."""
    return translate("notice", "The library was damaged; an older state of it is shown.")


def nothing_plays(title: str) -> str:
    """A portrait has no clip that can be played."""
    text = translate("notice", "“%1” cannot move; its still is shown.")
    return text.replace("%1", title)


def nothing_shows() -> str:
    """Not one portrait of the library can be read."""
    return translate("notice", "No portrait of the library can be shown.")


def no_camera() -> str:
    """The camera, or the process behind it, was given up."""
    return translate("notice", "The camera cannot be used. The portrait lives on without it.")


def not_used(problems: Sequence[str]) -> str:
    """Settings or behaviours have faults: the first of them, and how many more."""
    text = translate("notice", "Some of the settings cannot be used: %1").replace("%1", problems[0])
    if len(problems) == 1:
        return text
    more = translate("notice", "(and %1 more)").replace("%1", str(len(problems) - 1))
    return f"{text} {more}"


def not_kept(problem: str) -> str:
    """Something cannot be written, or a behaviours file has a fault."""
    return translate("notice", "A change could not be taken up: %1").replace("%1", problem)
