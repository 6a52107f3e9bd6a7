"""Writes docs/states.md: the table of the machine as a diagram. Run by `make states`."""

import sys

from frame_app.states.machine import RULES
from frame_app.states.vocabulary import FrameState

_HEAD = """\
# What the frame is doing

Made from `frame_app/states/machine.py` by `make states`; a test sees that it is fresh. A pair of
state and event without an arrow changes nothing, on purpose. Of two arrows for one event the one to
`attentive` is taken while somebody is there.

"""


def document() -> str:
    """The page, with a Mermaid diagram and what each state means."""
    lines = ["```mermaid", "stateDiagram-v2", "    [*] --> booting"]
    arrows: dict[tuple[FrameState, FrameState], list[str]] = {}
    for rule in RULES:
        for source in rule.sources:
            for dest in (rule.dest, rule.with_viewer):
                if dest is not None:
                    arrows.setdefault((source, dest), []).append(rule.event.replace("_", " "))
    lines += [f"    {a} --> {b}: {', '.join(events)}" for (a, b), events in arrows.items()]
    lines += ["```", "", "| event | from | to |", "| --- | --- | --- |"]
    for rule in RULES:
        goal = f"{rule.dest} or {rule.with_viewer}" if rule.with_viewer else str(rule.dest)
        lines.append(f"| {rule.event} | {', '.join(rule.sources)} | {goal} |")
    return _HEAD + "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.stdout.write(document())
