import pytest

from frame_app.config.places import line_of

TEXT = '''title = "x"
[manners]
pause_s = 1
[[behaviour]]
name = "a"  # [[behaviour]]
note = """
[[behaviour]]
name = "no"
"""
[[behaviour]]
  name = "b"
play = [
  "nod",
]
[manners.more]
name = "m"
'''


@pytest.mark.parametrize(
    ("place", "line"),
    [
        (("title",), 1),
        (("manners",), 2),
        (("manners", "pause_s"), 3),
        (("behaviour", 0, "name"), 5),
        (("behaviour", 1, "name"), 11),
        (("behaviour", 1, "play", 0), 12),
        (("behaviour", 1, "missing"), 10),
        (("nothing",), 1),
    ],
)
def test_a_place_has_its_line(place: tuple[str | int, ...], line: int) -> None:
    assert line_of(TEXT, place) == line
