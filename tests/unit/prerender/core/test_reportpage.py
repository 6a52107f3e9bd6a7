"""The page of a run: whole, safe, small, without anything from outside."""

import json
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from frame_app.base.errors import PictureError, UsageError
from frame_app.base.paths import shipped
from prerender.core import archive
from prerender.core.document import Document, json_schema
from prerender.core.report import PortraitEntry, RunReport, Status
from prerender.core.reportface import face_table
from prerender.core.reportpage import ReportPage
from tests.fakes.engines import FakeEngines
from tests.fakes.runs import make_photo, make_pipeline, run

HOSTILE = "</template><script>alert(1)</script> & $$body \u202e.png"
VOID = {"br", "hr", "img", "input", "meta", "link"}
OPTIONAL = {"li", "td", "th", "tr"}  # end tags that HTML lets one leave out


class Page(HTMLParser):
    """Tags that are closed, addresses, and the scripts of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.stack: list[str] = []
        self.addresses: list[str] = []
        self.tags: list[str] = []
        self.words = ""
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attrs) -> None:
        self.tags.append(tag)
        if tag not in VOID | OPTIONAL:
            self.stack.append(tag)
        self.addresses += [value for name, value in attrs if name in {"src", "href", "poster"}]

    def handle_endtag(self, tag) -> None:
        if tag not in OPTIONAL:
            assert self.stack.pop() == tag

    def handle_data(self, data) -> None:
        self.words += data


@pytest.fixture(scope="module")
def night(tmp_path_factory: pytest.TempPathFactory):
    """A run with a portrait, one without a clip, and a photo that is none."""
    root = tmp_path_factory.mktemp("night")
    good, bad = make_photo(root / "aunt-mary.png"), root / HOSTILE.replace("/", "\u2215")
    bad.write_text("no picture")
    engines = FakeEngines(spoiled=(("smile", "trembles", 0.0),))
    entries, _ = run(make_pipeline(root, engines), good, bad)
    report, page = (
        RunReport(root / "library", "fast", generator="test"),
        ReportPage(root / "library"),
    )
    for entry in entries:
        report.portraits.append(entry)
        page.add(entry)
    return report.document(), page


def test_the_page_is_whole_and_loads_nothing(night) -> None:
    document, page = night
    text = page.render(document)
    parsed = Page(text)
    assert parsed.stack == []
    assert all(address.startswith(("data:", "#")) for address in parsed.addresses)
    assert not re.search(r"https?:|//[a-z]", re.sub(r"data:[^\"\')]*", "", text))
    assert "default-src 'none'" in text


def test_it_shows_films_a_comparison_and_what_was_left_out(night) -> None:
    document, page = night
    text = page.render(document)
    assert text.count("data:video/mp4") == 2  # idle and the gaze sheet
    assert "before" in text
    words = Page(text).words
    assert "One new portrait is ready for the wall, 1 could not be made" in words
    assert "Aunt Mary hangs without smile" in words
    assert "trembling from frame to frame" in words
    assert "Is not a picture" in words
    assert len(text) < 2_000_000


def test_the_face_and_what_restoration_did_to_it_are_told(night) -> None:
    document, _ = night
    (made,) = [record for record in document.portraits if record.status == "made"]
    scores = {
        "intake": {"suitability": 0.7, "sharpness": 0.4, "eyes": 0.1},
        "restore": {"identity_change": 0.0042, "strength": 0.5},
    }
    stages = tuple(
        stage.model_copy(update={"scores": scores.get(stage.label, {})}) for stage in made.stages
    )
    words = Page("".join(face_table(made.model_copy(update={"stages": stages})))).words
    assert "how well it comes alive0.70good" in words
    assert "sharpness0.40fair" in words
    assert "eyes open and free0.10poor" in words
    assert "by 0.42 % of its height, at a strength of 0.5" in words


def test_hostile_names_are_text(night) -> None:
    document, page = night
    parsed = Page(page.render(document))
    assert parsed.tags.count("script") == 1
    assert "alert(1)" in parsed.words


def test_the_document_is_what_its_schema_says(night, tmp_path) -> None:
    document, page = night
    archive.write(tmp_path / "one", document, page.render(document))
    data = json.loads((tmp_path / "one" / "report.json").read_text())
    assert data["schema"] == 2
    assert archive.read(tmp_path / "one") == document
    assert Document.model_validate(data) == document
    (made,) = [item for item in data["portraits"] if item["status"] == "made"]
    assert {clip["name"]: clip["published"] for clip in made["clips"]} == {
        "idle": True,
        "smile": False,
        "gaze": True,
    }


def test_the_shipped_schema_is_up_to_date() -> None:
    assert shipped("config", "report.schema.json").read_text() == json_schema()


def test_five_hundred_photos_make_a_page_of_bounded_size(tmp_path) -> None:
    report = RunReport(tmp_path, "fast")
    for number in range(500):
        photo = Path(f"{number}.jpg")
        error = PictureError(photo, "is empty")
        report.portraits.append(PortraitEntry(photo, Status.FAILED, error=error))
    text = ReportPage(tmp_path).render(report.document())
    assert Page(text).stack == []
    assert len(text) < 1_000_000


def test_old_reports_go_and_the_newest_is_found(tmp_path) -> None:
    document = RunReport(tmp_path, "fast").document()
    for number in range(5):
        archive.write(tmp_path / f"2026-01-0{number}", document, "page")
    (tmp_path / "mine").mkdir()
    archive.prune(tmp_path, kept=2)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["2026-01-03", "2026-01-04", "mine"]
    assert archive.find(tmp_path, None).name == "2026-01-04"
    wanted = tmp_path / "2026-01-03" / "report.html"
    assert archive.find(tmp_path, wanted).name == "2026-01-03"
    with pytest.raises(UsageError, match="is no report"):
        archive.find(tmp_path, tmp_path / "mine")
    with pytest.raises(UsageError, match="no report in"):
        archive.find(tmp_path / "mine", None)


def test_a_night_in_which_nothing_changed_is_no_news(tmp_path) -> None:
    report = RunReport(tmp_path, "fast")
    assert not report.is_news
    report.portraits.append(PortraitEntry(Path("a.jpg"), Status.UNCHANGED))
    assert not report.is_news
    report.portraits.append(PortraitEntry(Path("b.jpg"), Status.STOPPED))
    assert report.is_news
