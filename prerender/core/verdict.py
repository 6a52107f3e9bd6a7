"""What the verdicts on single clips mean for the portrait."""

from collections.abc import Iterable, Mapping

from frame_app.cliplib.schema import NEUTRAL, Family
from prerender.core.facts import ClipFacts


def left_out(facts: Mapping[str, ClipFacts]) -> dict[str, tuple[str, ...]]:
    """Every clip that is not published, with the reasons.

    A clip that passed goes too if the frame could not get to it, or not back from it: nobody should
    fall asleep who cannot wake.
    """
    failed = {label: fact.left_out for label, fact in facts.items() if fact.left_out}
    passed = {label: fact for label, fact in facts.items() if label not in failed}
    steps = {(fact.start_pose, fact.end_pose) for fact in passed.values()}
    there = _reached({NEUTRAL}, steps)
    back = _reached({NEUTRAL}, {(end, start) for start, end in steps})
    for label, fact in passed.items():
        if fact.start_pose not in there:
            failed[label] = (f"no clip of this portrait leads to the pose {fact.start_pose}",)
        elif fact.end_pose not in back:
            failed[label] = (f"no clip that passed leads back from the pose {fact.end_pose}",)
    return failed


def remarks(facts: Mapping[str, ClipFacts]) -> tuple[str, ...]:
    """What the portrait cannot do for want of clips, as sentences that no single clip says."""
    gone = left_out(facts)
    said = [
        f"clip {label} is left out ({'; '.join(reasons)})"
        for label, reasons in gone.items()
        if not facts[label].left_out
    ]
    if facts and len(gone) == len(facts):
        said.append("no clip passed the quality gate: the portrait hangs as a still")
    elif _idles(facts) and not _idles(facts) - gone.keys():
        said.append("no idle clip passed the quality gate: between answers the portrait is a still")
    return tuple(said)


def _idles(facts: Mapping[str, ClipFacts]) -> set[str]:
    return {label for label, fact in facts.items() if fact.family == Family.IDLE.value}


def _reached(poses: set[str], steps: Iterable[tuple[str, str]]) -> set[str]:
    found, before = set(poses), 0
    while len(found) != before:
        before = len(found)
        found |= {end for start, end in steps if start in found}
    return found
