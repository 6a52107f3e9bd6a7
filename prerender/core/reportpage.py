"""report.html: what happened in the night, on one page that needs no other file and no network.

Everything that comes from outside (file names, titles, error sentences) is escaped. Pictures and
films are data URIs; they rest in templates, so that a browser decodes only what somebody opens.
"""

import html
import logging
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from pathlib import Path
from string import Template

from frame_app.base.errors import LibraryError, VideoError
from frame_app.base.paths import shipped
from frame_app.cliplib import layout, reader
from frame_app.cliplib.schema import Manifest
from prerender.core.document import ClipVerdict, Document, PortraitRecord
from prerender.core.facts import CheckFacts
from prerender.core.gate import Level
from prerender.core.report import PortraitEntry, Status
from prerender.core.reportface import face_table
from prerender.core.stage import GAZE_SHEET
from prerender.media.snippets import Films, photo

log = logging.getLogger(__name__)

_THUMB_PX, _COMPARED_PX = 220, 480
_MOST_BYTES = 1_500_000  # of one portrait's films and pictures, as they stand in the page
_PAGE_BYTES = 36_000_000  # of all of them: with more, browsers on small machines grow slow
_OPEN = 2  # so many portraits are open from the start
_THREADS = 2  # of films made at once; more gain little, and the next portrait wants cores too
_LEVELS = {Level.GOOD: "good", Level.FAIR: "fair", Level.POOR: "fails"}


@dataclass(slots=True)
class _Pictures:
    """Data URIs of one portrait."""

    thumb: str = ""
    before: str = ""
    after: str = ""
    still: str = ""
    films: dict[str, str] = field(default_factory=dict)
    is_wide: bool = False
    """Whether what moves is wider than high, as a group is."""

    @property
    def size_bytes(self) -> int:
        parts = (self.thumb, self.before, self.after, self.still, *self.films.values())
        return sum(len(part) for part in parts)


class ReportPage:
    """Collects pictures while a run goes on, then writes the page."""

    def __init__(self, library: Path) -> None:
        """Prepare a page about portraits of a library."""
        self._library = library
        self._pictures: dict[str, _Pictures] = {}
        self._used = 0

    def add(self, entry: PortraitEntry) -> None:
        """Take the pictures of a portrait that was just published; of all others there are none."""
        if entry.status is not Status.MADE:
            return
        folder = layout.portraits_path(self._library) / entry.folder
        pictures = self._pictures[entry.folder] = _Pictures()
        try:
            manifest = _manifest(self._library, entry)
            pictures.thumb = photo(folder / manifest.poster.file, _THUMB_PX)
            self._used += len(pictures.thumb)
            if self._used < _PAGE_BYTES:
                self._add_large(pictures, entry, folder, manifest)
        except (OSError, LibraryError) as error:  # removed meanwhile: the page says it without them
            log.warning("no pictures of %s in the report: %s", entry.id, error)

    def _add_large(
        self, pictures: _Pictures, entry: PortraitEntry, folder: Path, manifest: Manifest
    ) -> None:
        pictures.after = photo(folder / manifest.poster.file, _COMPARED_PX)
        if entry.before is not None:
            pictures.before = photo(entry.before, _COMPARED_PX)
        pictures.is_wide = manifest.actor_box.width > 1.2 * manifest.actor_box.height
        with tempfile.TemporaryDirectory() as work:
            films = Films(folder, manifest, Path(work))
            pictures.still = films.still()
            for name, film in _films(films, manifest):
                if pictures.size_bytes + len(film) < _MOST_BYTES:
                    pictures.films[name] = film
        self._used += pictures.size_bytes

    def render(self, report: Document) -> str:
        """The page."""
        made = _of(report, Status.MADE)
        parts = [
            _head(report),
            *_todo(report),
            *self._wall(report),
            *self._portraits(report),
            *_unchanged(report),
            *_engines(made),
            *_machine(),
        ]
        template = Template(shipped("assets", "report", "page.html").read_text("utf-8"))
        return template.substitute(title=html.escape(_headline(report)), body="\n".join(parts))

    def _wall(self, report: Document) -> Iterator[str]:
        news = _news(report)
        if len(news) < 2:
            return
        yield "<h2>Contact sheet</h2><div class=wall>"
        for number, record in enumerate(news):
            pictures = self._pictures.get(record.folder or "", _Pictures())
            name = html.escape(_name(record))
            initial = html.escape(_name(record)[:1].upper())
            picture = f'<span class="none" aria-hidden="true">{initial}</span>'
            if pictures.thumb:
                picture = f'<img src="{pictures.thumb}" alt="" loading="lazy">'
            yield f'<a href="#portrait-{number}">{picture}<b title="{name}">{name}</b>'
            yield f"{_state(record)}</a>"
        yield "</div>"

    def _portraits(self, report: Document) -> Iterator[str]:
        news = _news(report)
        if not news:
            return
        yield "<h2>One by one</h2>"
        for number, record in enumerate(news):
            pictures = self._pictures.get(record.folder or "", _Pictures())
            is_open = " open" if number < _OPEN and len(news) <= 2 * _OPEN else ""
            yield f'<details class="portrait" id="portrait-{number}"{is_open}><summary>'
            if pictures.thumb:
                yield f'<img src="{pictures.thumb}" alt="">'
            yield f"<div><h3>{html.escape(_name(record))}</h3>{_state(record)}</div></summary>"
            yield "<template><div class=inside>"
            yield from _portrait(record, pictures)
            yield "</div></template></details>"


def _manifest(root: Path, entry: PortraitEntry) -> Manifest:
    with reader.open_library(root) as library:
        for listed in library.entries:
            if listed.folder == entry.folder:
                return library.manifest(listed)
    raise LibraryError(root, f"no longer lists {entry.id}")


def _films(films: Films, manifest: Manifest) -> Iterator[tuple[str, str]]:
    """Every clip that can be decoded; the sheet first, as it is what people look for."""
    made = {clip.name: partial(films.clip, clip) for clip in manifest.clips}
    if manifest.gaze is not None:
        made = {GAZE_SHEET: partial(films.sheet, manifest.gaze), **made}
    # Decoding, scaling and encoding all let other threads run.
    with ThreadPoolExecutor(_THREADS, "films") as pool:
        for name, film in [(name, pool.submit(make)) for name, make in made.items()]:
            try:
                yield name, film.result()
            except VideoError as error:
                log.warning("no film of %s in the report: %s", name, error)


def _portrait(record: PortraitRecord, pictures: _Pictures) -> Iterator[str]:
    where = html.escape(record.photo)
    if record.error is not None:
        yield f'<p class="poor">{html.escape(_reason(record))}</p>'
    facts = [f"from <code>{where}</code>"]
    if record.status == Status.MADE.value and record.seconds >= 1:
        facts.append(f"made in {_duration(record.seconds)}")
    yield f'<p class="soft">{", ".join(facts)}</p>'
    remarks = [text for text in record.warnings if not text.startswith("clip ")]
    yield '<div class="two">' if pictures.before else "<div>"
    if pictures.before:
        yield from _compared(pictures)
    yield "<div>"
    if remarks:
        yield "<h3>Good to know</h3><ul class=notes>"
        yield from (f"<li>{html.escape(text)}</li>" for text in remarks)
        yield "</ul>"
    if record.clips:
        still = f' style="--still: url({pictures.still})"' if pictures.still else ""
        kind = "films wide" if pictures.is_wide else "films"
        yield f'<h3>Clips</h3><div class="{kind}"{still}>'
        for clip in sorted(record.clips, key=lambda clip: not clip.published):
            yield from _clip(clip, pictures)
        yield "</div>"
    yield "</div></div>"
    yield from face_table(record)
    yield from _figures(record.clips)
    yield from _times(record)


def _compared(pictures: _Pictures) -> Iterator[str]:
    yield '<div><div class="slider">'
    yield f'<img src="{pictures.before}" alt="The photo as it came in">'
    yield f'<img class="after" src="{pictures.after}" alt="The restored portrait">'
    yield "<span>before</span><span>after</span>"
    yield '<input type="range" min="0" max="100" value="50" aria-label="Before and after"></div>'
    yield "<small>Drag to compare the photo with the restored portrait.</small></div>"


def _clip(clip: ClipVerdict, pictures: _Pictures) -> Iterator[str]:
    name = html.escape(_clip_name(clip.name))
    film = pictures.films.get(clip.name)
    yield "<figure>"
    if film is not None:
        yield f'<video src="{film}" muted loop playsinline preload="none" '
        yield f'aria-label="{name}"></video>'
    elif clip.published:
        yield '<div class="gone">on the wall, too long for this page</div>'
    else:
        yield f'<div class="gone">{html.escape("; ".join(clip.reasons))}</div>'
    level, words = "good", "good"
    if not clip.published:
        level, words = "poor", "left out"
    elif any(check.level == Level.FAIR.value for check in clip.checks):
        level, words = "fair", "fair"
    if clip.published and clip.amplitude < 1:
        level, words = "fair", f"at {clip.amplitude:.0%}"
    yield f'<figcaption>{name} <span class="tag {level}">{words}</span></figcaption></figure>'


def _figures(clips: Iterable[ClipVerdict]) -> Iterator[str]:
    """Every kind of figure once, by its worst clip, and all that are short of their goal."""
    every = sorted(((check, clip) for clip in clips for check in clip.checks), key=_badness)
    if not every:
        return
    fair = sum(check.level == Level.FAIR.value for check, _ in every)
    poor = sum(check.level == Level.POOR.value for check, _ in every)
    good = len(every) - fair - poor
    yield f"<details><summary>{len(every)} figures were checked: {good} good, {fair} fair, {poor} "
    yield "past their limit</summary><div class=scroll><table>"
    yield "<tr><th>What was measured<th>Clip<th class=number>Measured<th class=number>Goal"
    yield "<th class=number>Limit<th></tr>"
    told: set[str] = set()
    for check, clip in every:
        if check.level == Level.GOOD.value and check.score in told:
            continue
        told.add(check.score)
        side = "at least" if check.at_least else "at most"
        level = Level(check.level)
        yield f"<tr><td>{html.escape(check.words)}<br><small>{html.escape(check.source)}</small>"
        yield f"<td>{html.escape(_clip_name(clip.name))}"
        yield f'<td class="number">{check.value:.3g} {html.escape(check.unit)}'
        yield f'<td class="number">{side} {check.goal:g}<td class="number">{check.limit:g}'
        yield f'<td><span class="tag {level.value}">{_LEVELS[level]}</span></tr>'
    yield "</table></div><p><small>Of figures that are good in all clips the worst is shown. Past "
    yield "its limit a clip is left out; fair clips are shown, and are short of the goal. "
    yield "report.json has them all.</small></p></details>"


def _badness(row: tuple[CheckFacts, ClipVerdict]) -> tuple[int, str, float]:
    check, _ = row
    order = (Level.POOR, Level.FAIR, Level.GOOD)
    distance = check.value if check.at_least else -check.value
    return order.index(Level(check.level)), check.score, distance


def _times(record: PortraitRecord) -> Iterator[str]:
    if not record.stages:
        return
    yield "<details><summary>Times</summary><div class=scroll><table><tr><th>Step<th>Time<th></tr>"
    for stage in record.stages:
        how = "done before" if stage.cached else ""
        yield f'<tr><td>{html.escape(stage.label)}<td class="number">{stage.seconds:.1f} s'
        yield f"<td><small>{how}</small></tr>"
    yield "</table></div></details>"


def _head(report: Document) -> str:
    began = datetime.fromisoformat(report.started)
    facts = [
        f"{began:%A}, {began.day} {began:%B %Y}, {began:%H:%M}",
        f"took {_duration(report.seconds)}",
        f"recipe {html.escape(report.recipe)}",
        f"library <code>{html.escape(report.library)}</code>",
    ]
    items = "".join(f"<li>{fact}</li>" for fact in facts)
    return f'<h1>{html.escape(_headline(report))}</h1><ul class="facts">{items}</ul>'


def _headline(report: Document) -> str:
    made, failed = len(_of(report, Status.MADE)), len(_of(report, Status.FAILED))
    if made:
        words = "One new portrait is" if made == 1 else f"{made} new portraits are"
        return f"{words} ready for the wall" + (f", {failed} could not be made" if failed else "")
    if failed:
        words = "One photo" if failed == 1 else f"{failed} photos"
        return f"{words} could not be brought to life"
    return "Nothing new was made"


def _todo(report: Document) -> Iterator[str]:
    """What a person should know or do, the most urgent first; nothing if all is well."""
    items = [html.escape(report.error)] if report.error else []
    items += [
        f"<b>{html.escape(_name(record))}</b>: {html.escape(_reason(record))}"
        for record in _of(report, Status.FAILED)
    ]
    if stopped := _of(report, Status.STOPPED):
        names = ", ".join(html.escape(_name(record)) for record in stopped[:5])
        more = f" and {len(stopped) - 5} more" if len(stopped) > 5 else ""
        items.append(f"Time was up before {names}{more}: the next run goes on from there.")
    for record in _of(report, Status.MADE):
        gone = [_clip_name(clip.name) for clip in record.clips if not clip.published]
        if gone:
            clips = html.escape(", ".join(gone))
            name = html.escape(_name(record))
            items.append(
                f"<b>{name}</b> hangs without {clips}: what came out was not good enough to show. "
                "Nothing has to be done; a larger or sharper scan may bring more."
            )
    if not items:
        yield "<p>All is well, there is nothing to do.</p>"
        return
    yield '<h2>What you should know</h2><div class="todo"><ul>'
    yield from (f"<li>{item}</li>" for item in items)
    yield "</ul></div>"


def _unchanged(report: Document) -> Iterator[str]:
    if same := _of(report, Status.UNCHANGED):
        words = "One portrait" if len(same) == 1 else f"{len(same)} portraits"
        yield f'<p class="soft">{words} had not changed and stayed as they are.</p>'


def _engines(records: Iterable[PortraitRecord]) -> Iterator[str]:
    seen: dict[tuple[str, str, int], tuple[str, str, str]] = {}
    for record in records:
        for use in record.engines:
            weights = (use.weights_sha256 or "")[:12]
            seen[use.stage, use.engine, use.version] = use.licence, weights, use.instead_of or ""
    if not seen:
        return
    yield "<h2>Made with</h2><div class=scroll><table><tr><th>Step<th>Engine<th>Version"
    yield "<th>Licence<th>Weights<th></tr>"
    for (stage, engine, version), (licence, weights, instead) in seen.items():
        cells = (stage, engine, str(version), licence, weights or "none", instead)
        yield "<tr>" + "".join(f"<td>{html.escape(cell)}" for cell in cells) + "</tr>"
    yield "</table></div>"


def _machine() -> Iterator[str]:
    yield '<p class="soft">The same for machines: <code>report.json</code> beside this page. '
    yield "Nothing on this page is loaded from anywhere.</p>"


def _news(report: Document) -> list[PortraitRecord]:
    """What happened, failures first."""
    order = (Status.FAILED, Status.MADE, Status.STOPPED)
    return [record for status in order for record in _of(report, status)]


def _of(report: Document, status: Status) -> list[PortraitRecord]:
    return [record for record in report.portraits if record.status == status.value]


def _name(record: PortraitRecord) -> str:
    return record.title or Path(record.photo).name


def _clip_name(name: str) -> str:
    return "follows you" if name == GAZE_SHEET else name.replace("-", " ")


def _reason(record: PortraitRecord) -> str:
    """The error without the path that the page names anyway."""
    message = record.error.message if record.error is not None else ""
    reason = message.removeprefix(f"{record.photo}: ")
    return reason[:1].upper() + reason[1:]


def _state(record: PortraitRecord) -> str:
    gone = sum(not clip.published for clip in record.clips)
    states: Mapping[str, tuple[str, str]] = {
        Status.MADE.value: ("fair", f"{gone} left out") if gone else ("good", "ready"),
        Status.FAILED.value: ("poor", "failed"),
        Status.STOPPED.value: ("fair", "not finished"),
        Status.UNCHANGED.value: ("good", "unchanged"),
    }
    level, words = states[record.status]
    return f'<span class="tag {level}">{words}</span>'


def _duration(seconds: float) -> str:
    if seconds < 90:
        return f"{seconds:.0f} seconds"
    minutes = round(seconds / 60)
    return f"{minutes} minutes" if minutes < 90 else f"{minutes / 60:.1f} hours"
