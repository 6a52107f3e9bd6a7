import random

from frame_app.cliplib.schema import Family
from frame_app.config.behaviours import Behaviour, Behaviours
from frame_app.states.reactions import Reactions
from frame_app.states.vocabulary import FrameState

ALL = set(Family)


def reactions(*rules: Behaviour, seed: int = 1) -> Reactions:
    return Reactions(Behaviours(behaviour=rules), random.Random(seed))  # noqa: S311 - dice


def rule(**fields) -> Behaviour:
    return Behaviour(
        **{"gesture": "smile", "families": (Family.SMILE,), "cooldown_s": 3.0} | fields
    )


def test_the_first_family_that_the_portrait_has_is_the_answer() -> None:
    chooser = reactions(rule(families=(Family.TILT, Family.SMILE)))
    assert chooser.answer("smile", FrameState.IDLE, {Family.SMILE}, 0.0).family is Family.SMILE


def test_an_answer_is_not_given_again_before_its_cooldown_is_over() -> None:
    chooser = reactions(rule())
    assert chooser.answer("smile", FrameState.IDLE, ALL, 10.0).family is Family.SMILE
    refused = chooser.answer("smile", FrameState.IDLE, ALL, 12.9)
    assert refused.family is None
    assert refused.reason == "too soon after the last one"
    assert chooser.answer("smile", FrameState.IDLE, ALL, 13.0).family is Family.SMILE


def test_a_rule_acts_only_in_its_states() -> None:
    chooser = reactions(rule(when=("attentive",)))
    assert chooser.answer("smile", FrameState.IDLE, ALL, 0.0).reason == "not while idle"
    assert chooser.answer("smile", FrameState.ATTENTIVE, ALL, 0.0).family is Family.SMILE


def test_a_later_rule_acts_where_an_earlier_one_may_not() -> None:
    chooser = reactions(rule(cooldown_s=60.0), rule(families=(Family.NOD,), cooldown_s=0.0))
    answers = [chooser.answer("smile", FrameState.IDLE, ALL, float(t)).family for t in range(3)]
    assert answers == [Family.SMILE, Family.NOD, Family.NOD]


def test_moods_follow_the_probability() -> None:
    chooser = reactions(rule(probability=0.25, cooldown_s=0.0))
    given = sum(
        chooser.answer("smile", FrameState.IDLE, ALL, float(t)).family is not None
        for t in range(1000)
    )
    assert 200 < given < 300


def test_an_unknown_gesture_is_named_in_the_reason() -> None:
    assert reactions(rule()).answer("wave", FrameState.IDLE, ALL, 0.0).reason == (
        "no behaviour for wave"
    )


def test_keys_stand_for_gestures() -> None:
    chooser = reactions(rule(key="s"), rule(gesture="wave", key="v"), rule(gesture="nod"))
    assert chooser.key_gestures() == {"s": "smile", "v": "wave"}
