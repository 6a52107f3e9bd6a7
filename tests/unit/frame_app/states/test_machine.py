import pytest

from frame_app.states.machine import FrameMachine
from frame_app.states.vocabulary import FrameEvent as E
from frame_app.states.vocabulary import FrameState as S

# Written by hand, not derived from RULES: two people must agree before behaviour changes.
# `a/b` means a while nobody is there and b while somebody is.
TABLE = """
event             booting        asleep         idle      attentive reacting       speaking       settings       fallback
portrait_shown    idle/attentive .              .         .         .              .              .              idle/attentive
library_lost      fallback       .              fallback  fallback  fallback       fallback       .              .
viewer_seen       .              .              attentive .         .              .              .              .
viewer_left       .              .              .         idle      .              .              .              .
reaction_started  .              .              reacting  reacting  reacting       reacting       .              .
reaction_ended    .              .              .         .         idle/attentive .              .              .
speech_started    .              .              speaking  speaking  speaking       .              .              .
speech_ended      .              .              .         .         .              idle/attentive .              .
settings_opened   .              settings       settings  settings  settings       settings       .              .
settings_closed   .              .              .         .         .              .              idle/attentive .
quiet_hours_began asleep         .              asleep    asleep    asleep         asleep         .              asleep
quiet_hours_ended .              idle/attentive .         .         .              .              .              .
"""  # noqa: E501 - a table is read across
HEAD, *ROWS = (line.split() for line in TABLE.strip().splitlines())
CASES = [
    (S(state), E(row[0]), has_viewer, dest)
    for row in ROWS
    for state, cell in zip(HEAD[1:], row[1:], strict=True)
    for has_viewer, dest in zip((False, True), (cell.split("/") * 2)[:2], strict=True)
]


def test_table_names_every_state_and_event() -> None:
    assert {(state, event) for state, event, _, _ in CASES} == {
        (state, event) for state in S for event in E
    }


@pytest.mark.parametrize(("state", "event", "has_viewer", "dest"), CASES)
def test_pair(state: S, event: E, *, has_viewer: bool, dest: str) -> None:
    heard: list[tuple[S, S, E]] = []
    machine = FrameMachine(lambda *change: heard.append(change), initial=state)
    machine.has_viewer = has_viewer
    machine.post(event)
    assert machine.state == (state if dest == "." else dest)
    assert heard == ([] if dest == "." else [(state, S(dest), event)])


def test_an_event_posted_from_inside_a_change_runs_after_it() -> None:
    order: list[str] = []

    def on_change(_old: S, new: S, _event: E) -> None:
        order.append(f"begin {new}")
        if new is S.REACTING:
            machine.post(E.REACTION_ENDED)
        order.append(f"end {new}")

    machine = FrameMachine(on_change, initial=S.IDLE)
    machine.post(E.REACTION_STARTED)
    assert order == ["begin reacting", "end reacting", "begin idle", "end idle"]


def test_a_viewer_who_came_during_a_reaction_is_looked_at_afterwards() -> None:
    machine = FrameMachine(lambda *_: None, initial=S.REACTING)
    machine.post(E.VIEWER_SEEN)
    states = [machine.state]
    machine.post(E.REACTION_ENDED)
    assert [*states, machine.state] == [S.REACTING, S.ATTENTIVE]
