import random
from datetime import datetime, timedelta
from typing import Any

import pytest

from frame_app.cliplib.schema import Family
from frame_app.config.behaviours import Behaviour, Behaviours, Manners
from frame_app.states.reactions import Circumstances, Reactions, Repertoire

NOON = datetime(2026, 3, 28, 12, 0)
ALL = Repertoire(set(Family), {"smile-a", "bow"})


def reactions(*rules: Behaviour, pause_s: float = 0.0, seed: int = 1) -> Reactions:
    manners = Manners(pause_s=pause_s)
    return Reactions(Behaviours(manners=manners, behaviour=rules), random.Random(seed))  # noqa: S311


def rule(**fields) -> Behaviour:
    return Behaviour.model_validate(
        {"name": "a", "event": "smile", "play": ("smile",), "cooldown_s": 3.0} | fields
    )


def moment(now_s: float = 0.0, **fields) -> Circumstances:
    known: dict[str, Any] = {
        "wall": NOON + timedelta(seconds=now_s),
        "viewers": 1,
        "repertoire": ALL,
    }
    return Circumstances(**({"now_s": now_s} | known | fields))


def names(chooser: Reactions, event: str, *moments: Circumstances) -> list[str]:
    answers = [chooser.answer(event, about) for about in moments]
    return [answer.rule.name if answer.rule else answer.reason for answer in answers]


@pytest.mark.parametrize(
    ("fields", "about", "reason"),
    [
        ({"on": False}, {}, "switched off"),
        ({"when": ("attentive",)}, {"viewers": 0}, "not while idle"),
        ({"min_viewers": 2}, {"viewers": 1}, "too few viewers"),
        ({"moods": ("bright",)}, {"mood": "calm"}, "not while calm"),
        ({"portraits": ("anna",)}, {"portrait": "berta"}, "another portrait's"),
        ({"between": ("22:00", "06:00")}, {}, "not at this time"),
        ({"play": ("clip:dance",)}, {}, "no clip for it"),
        ({"probability": 0.0}, {}, "the dice said no"),
    ],
)
def test_a_rule_that_may_not_act_says_why(fields, about, reason: str) -> None:
    assert names(reactions(rule(**fields)), "smile", moment(**about)) == [reason]


@pytest.mark.parametrize(
    ("fields", "about"),
    [
        ({"when": ("attentive",)}, {"viewers": 1}),
        ({"min_viewers": 2}, {"viewers": 2}),
        ({"moods": ("bright", "calm")}, {"mood": "calm"}),
        ({"portraits": ("anna",)}, {"portrait": "anna"}),
        ({"between": ("22:00", "06:00")}, {"wall": NOON.replace(hour=3)}),
        ({"between": ("11:00", "13:00")}, {}),
        ({"play": ("clip:dance", "clip:bow")}, {}),
        ({"play": (), "mood": "bright"}, {"repertoire": Repertoire()}),
    ],
)
def test_a_rule_acts_where_its_conditions_hold(fields, about) -> None:
    assert names(reactions(rule(**fields)), "smile", moment(**about)) == ["a"]


def test_an_answer_is_not_given_again_before_its_cooldown_is_over() -> None:
    chooser = reactions(rule())
    found = names(chooser, "smile", moment(10.0), moment(12.9), moment(13.0))
    assert found == ["a", "too soon after the last one", "a"]


def test_a_later_rule_acts_where_an_earlier_one_may_not() -> None:
    chooser = reactions(rule(cooldown_s=60.0), rule(name="b", cooldown_s=0.0))
    assert names(chooser, "smile", *(moment(float(t)) for t in range(3))) == ["a", "b", "b"]


def test_dice_fall_as_often_as_the_probability_says() -> None:
    chooser = reactions(rule(probability=0.25, cooldown_s=0.0))
    given = names(chooser, "smile", *(moment(float(t)) for t in range(1000))).count("a")
    assert 200 < given < 300


def test_an_event_without_rules_is_named_in_the_reason() -> None:
    assert names(reactions(rule()), "wave", moment()) == ["no behaviour for wave"]


def test_who_was_seen_a_moment_ago_is_not_greeted_again() -> None:
    chooser = reactions(rule(event="viewer_came", after_s=60.0))
    brief, long, first = (moment(here_s=s) for s in (5.0, 61.0, float("inf")))
    assert names(chooser, "viewer_came", brief, long) == ["seen recently", "a"]
    assert names(reactions(rule(event="viewer_came", after_s=60.0)), "viewer_came", first) == ["a"]


def ticks(chooser: Reactions, moments) -> list[float]:
    return [about.now_s for about in moments if chooser.tick(about) is not None]


def test_staying_is_answered_after_its_time_and_then_after_each_cooldown() -> None:
    chooser = reactions(rule(event="viewer_stayed", after_s=10.0, cooldown_s=20.0))
    assert ticks(chooser, (moment(t, here_s=t) for t in range(60))) == [10, 30, 50]


def test_being_alone_is_not_staying() -> None:
    chooser = reactions(rule(event="alone", after_s=10.0, cooldown_s=20.0))
    assert ticks(chooser, (moment(t, here_s=t, viewers=1) for t in range(60))) == []
    assert ticks(chooser, (moment(t, here_s=t, viewers=0) for t in range(40))) == [10, 30]


def test_bad_dice_are_thrown_again_only_after_the_cooldown() -> None:
    chooser = reactions(
        rule(event="viewer_stayed", after_s=0.0, cooldown_s=100.0, probability=0.2), seed=3
    )
    acted = ticks(chooser, (moment(t, here_s=t) for t in range(20_000)))
    assert 20 < len(acted) < 60  # of 200 throws


def test_nothing_unasked_follows_upon_a_clip_at_once_but_answers_do() -> None:
    chooser = reactions(rule(), rule(name="b", event="viewer_stayed", cooldown_s=0.0), pause_s=8.0)
    assert names(chooser, "smile", moment(10.0)) == ["a"]
    chooser.played(10.0)
    assert ticks(chooser, (moment(t, here_s=t) for t in range(10, 20)))[0] == 18
    chooser.played(20.0)
    assert names(chooser, "smile", moment(21.0)) == ["a"]


def test_quiet_hours_are_near_before_they_begin_and_not_in_them() -> None:
    chooser = reactions(rule(event="quiet_hours_near", after_s=60.0, cooldown_s=600.0))
    left = [*range(120, 0, -10), None, None]
    moments = [moment(t, quiet_in_s=s) for t, s in enumerate(left)]
    assert ticks(chooser, moments) == [6]


def struck(*walls: datetime) -> list[datetime]:
    chooser = reactions(rule(event="time", at="08:00", cooldown_s=0.0))
    return [
        wall
        for t, wall in enumerate(walls)
        if chooser.tick(moment(float(t), wall=wall)) is not None
    ]


def at(hour: int, minute: int, second: int = 0, day: int = 28) -> datetime:
    return datetime(2026, 3, day, hour, minute, second)


def test_a_time_of_day_strikes_once_when_the_clock_passes_it() -> None:
    walls = [at(7, 59, 59), at(8, 0), at(8, 0, 1), at(8, 1)]
    assert struck(*walls) == [at(8, 0)]


def test_a_clock_set_forward_over_a_time_does_not_strike_it() -> None:
    assert struck(at(7, 0), at(9, 0), at(9, 0, 1)) == []


def test_a_clock_set_back_does_not_strike_twice_on_a_day() -> None:
    walls = [at(7, 59, 59), at(8, 0), at(7, 30), at(7, 59, 59), at(8, 0), at(8, 0, 1)]
    assert struck(*walls) == [at(8, 0)]
    tomorrow = [at(7, 59, 59, 29), at(8, 0, 0, 29)]
    assert struck(*walls, *tomorrow) == [at(8, 0), at(8, 0, 0, 29)]


def test_a_frame_that_starts_after_the_time_does_not_strike_it() -> None:
    assert struck(at(8, 0, 30), at(8, 0, 31)) == []


def test_other_rules_are_taken_up_and_cooldowns_of_the_same_name_go_on() -> None:
    chooser = reactions(rule(cooldown_s=100.0), rule(name="b", event="nod"))
    assert names(chooser, "smile", moment(0.0)) == ["a"]
    chooser.adopt(Behaviours(behaviour=(rule(cooldown_s=50.0), rule(name="c", event="wave"))))
    assert names(chooser, "smile", moment(40.0), moment(50.0))[1] == "a"
    assert names(chooser, "nod", moment(60.0)) == ["no behaviour for nod"]
    assert names(chooser, "wave", moment(60.0)) == ["c"]


def test_keys_stand_for_gestures() -> None:
    chooser = reactions(
        rule(key="s"), rule(name="b", event="wave", key="v"), rule(name="c", event="nod")
    )
    assert chooser.key_gestures() == {"s": "smile", "v": "wave"}
