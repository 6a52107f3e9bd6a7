"""The table of what follows what, and the machine that runs it."""

from collections.abc import Callable
from typing import NamedTuple

from transitions import EventData, Machine

from frame_app.states.vocabulary import FrameEvent as E
from frame_app.states.vocabulary import FrameState as S


class Rule(NamedTuple):
    """On `event` in one of `sources` go to `dest`, or to `with_viewer` while somebody is there."""

    event: E
    sources: tuple[S, ...]
    dest: S
    with_viewer: S | None = None


_SHOWING = (S.IDLE, S.ATTENTIVE, S.REACTING, S.SPEAKING)

RULES = (
    Rule(E.PORTRAIT_SHOWN, (S.BOOTING, S.FALLBACK), S.IDLE, S.ATTENTIVE),
    Rule(E.LIBRARY_LOST, (S.BOOTING, *_SHOWING), S.FALLBACK),
    Rule(E.VIEWER_SEEN, (S.IDLE,), S.ATTENTIVE),
    Rule(E.VIEWER_LEFT, (S.ATTENTIVE,), S.IDLE),
    Rule(E.REACTION_STARTED, _SHOWING, S.REACTING),
    Rule(E.REACTION_ENDED, (S.REACTING,), S.IDLE, S.ATTENTIVE),
    Rule(E.SPEECH_STARTED, (S.IDLE, S.ATTENTIVE, S.REACTING), S.SPEAKING),
    Rule(E.SPEECH_ENDED, (S.SPEAKING,), S.IDLE, S.ATTENTIVE),
    Rule(E.SETTINGS_OPENED, (S.ASLEEP, *_SHOWING), S.SETTINGS),
    Rule(E.SETTINGS_CLOSED, (S.SETTINGS,), S.IDLE, S.ATTENTIVE),
    Rule(E.QUIET_HOURS_BEGAN, (S.BOOTING, *_SHOWING, S.FALLBACK), S.ASLEEP),
    Rule(E.QUIET_HOURS_ENDED, (S.ASLEEP,), S.IDLE, S.ATTENTIVE),
)
"""A pair without a rule changes nothing, on purpose: the test lists every pair by hand."""


class FrameMachine:
    """Runs `RULES` and calls `on_change(old, new, event)` after each change; UI thread only.

    Events posted from inside `on_change` queue up and run after it returns. The machine remembers
    whether somebody is there, whatever its state, so that it returns to the right one.
    """

    def __init__(self, on_change: Callable[[S, S, E], None], initial: S = S.BOOTING) -> None:
        self.state = initial  # written by the machine below
        self.has_viewer = initial is S.ATTENTIVE
        self._on_change = on_change
        self._machine = Machine(
            model=self,
            states=list(S),
            initial=initial,
            transitions=[row for rule in RULES for row in _rows(rule)],
            after_state_change=[self._announce],
            auto_transitions=False,  # no to_asleep() behind the table's back
            ignore_invalid_triggers=True,
            send_event=True,
            queued=True,
        )

    def post(self, event: E) -> None:
        """Apply `event`. Read `state` for the outcome: a queued machine cannot return it."""
        if event in {E.VIEWER_SEEN, E.VIEWER_LEFT}:
            self.has_viewer = event is E.VIEWER_SEEN
        self._machine.dispatch(event.value)

    def is_watched(self, _data: EventData) -> bool:
        """The condition behind `Rule.with_viewer`."""
        return self.has_viewer

    def _announce(self, data: EventData) -> None:
        rule = data.transition
        if rule is not None and rule.dest is not None:
            self._on_change(S[rule.source], S[rule.dest], E(data.event.name))


def _rows(rule: Rule) -> list[dict[str, object]]:
    """The rule as the library wants it; of two rows of one event the first that may, acts."""
    row: dict[str, object] = {"trigger": rule.event.value, "source": list(rule.sources)}
    if rule.with_viewer is None:
        return [{**row, "dest": rule.dest}]
    return [
        {**row, "dest": rule.with_viewer, "conditions": ["is_watched"]},
        {**row, "dest": rule.dest},
    ]
