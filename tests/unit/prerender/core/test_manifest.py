from pathlib import Path

import pytest

from prerender.core.manifest import slug_of, title_of


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("mona-lisa.jpg", "mona-lisa"),
        ("Grandma & Grandpa (1952).TIF", "grandma-grandpa-1952"),
        ("Überlingen_Bötchen.png", "ueberlingen-boetchen"),
        ("Grüße Oma.jpg", "gruesse-oma"),
        ("Gru\u0308ße Oma.jpg", "gruesse-oma"),  # as macOS writes it
        ("Æbleskiver på Sø.jpg", "aebleskiver-pa-so"),
        ("Łódź 1938.jpg", "lodz-1938"),
        ("Зима 1972.jpg", "1972"),
        ("👵🏻 oma.jpg", "oma"),
        ("IMG_0001.JPG", "img-0001"),
        ("写真.jpg", "portrait-9c3250"),
        ("👵.jpg", "portrait-4f31c8"),
        ("---.jpg", "portrait"),
        ("a" * 200 + ".jpg", "a" * 48),
        ("archive.tar.jpg", "archive-tar"),
    ],
)
def test_ids_are_plain_and_short(name, slug) -> None:
    assert slug_of(Path(name)) == slug


@pytest.mark.parametrize(
    ("name", "taken", "title"),
    [
        ("mona-lisa.jpg", None, "Mona Lisa"),
        ("Aunt Mary.jpg", "1994-07-12T10:20:30", "Aunt Mary"),
        ("IMG_1234.jpg", "1994-07-12T10:20:30", "12 July 1994"),
        ("DSC00042.jpg", "2019-01-02T00:00:00", "2 January 2019"),
        ("20190712_101010.jpg", "2019-07-12T10:10:10", "12 July 2019"),
        ("IMG_1234.jpg", None, "IMG 1234"),
        ("写真.jpg", None, "写真"),
    ],
)
def test_titles_come_from_the_name_or_from_the_day(name, taken, title) -> None:
    assert title_of(Path(name), taken) == title
