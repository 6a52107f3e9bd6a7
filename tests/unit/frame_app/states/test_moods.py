from frame_app.config.behaviours import Mood
from frame_app.states.moods import Moods


def test_a_mood_fades_by_half_lives_and_ends_in_calm() -> None:
    moods = Moods()
    moods.bring(Mood.BRIGHT, 100.0)
    felt = [moods.feel(100.0 + age, 240.0) for age in (0.0, 240.0, 480.0, 700.0)]
    assert [feeling.mood for feeling in felt] == ["bright", "bright", "bright", "calm"]
    assert [round(feeling.strength, 2) for feeling in felt] == [1.0, 0.5, 0.25, 0.0]


def test_a_new_mood_replaces_the_old_one() -> None:
    moods = Moods()
    moods.bring(Mood.BRIGHT, 0.0)
    moods.bring(Mood.DREAMY, 10.0)
    assert moods.feel(10.0, 240.0) == (Mood.DREAMY, 1.0)
    moods.bring(Mood.CALM, 11.0)
    assert moods.feel(11.0, 240.0) == (Mood.CALM, 0.0)
