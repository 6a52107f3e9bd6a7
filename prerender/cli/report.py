"""`prerender report`: what the last run had to tell."""

import webbrowser
from pathlib import Path
from typing import Annotated

import typer

from frame_app.base import paths
from prerender.cli.options import AsJson
from prerender.cli.printing import print_json, print_line
from prerender.core import archive
from prerender.core.document import Document
from prerender.core.report import Status


def report(
    where: Annotated[
        Path | None, typer.Argument(metavar="[PATH]", help="a report; the newest if none")
    ] = None,
    *,
    open_it: Annotated[bool, typer.Option("--open", help="show the page in a browser")] = False,
    as_json: AsJson = False,
) -> None:
    """Say what a run did, and where its page lies."""
    folder = archive.find(paths.reports_dir(), where)
    document = archive.read(folder)
    if as_json:
        print_json(document.model_dump(mode="json", by_alias=True))
    else:
        for line in summary(document):
            print_line(line)
        print_line(f"page: {folder / archive.PAGE}")
    if open_it:
        webbrowser.open((folder / archive.PAGE).absolute().as_uri())


def summary(document: Document) -> list[str]:
    """A few lines for a terminal: counts, failures, what was left out."""
    counts = {
        status: sum(record.status == status.value for record in document.portraits)
        for status in Status
    }
    said = ", ".join(f"{count} {status.value}" for status, count in counts.items() if count)
    lines = [f"{document.started}, recipe {document.recipe}: {said or 'nothing to do'}"]
    if document.error:
        lines.append(f"stopped early: {document.error}")
    for record in document.portraits:
        name = Path(record.photo).name
        if record.error is not None:
            lines.append(f"failed: {record.error.message}")
        for clip in record.clips:
            if not clip.published:
                lines.append(f"{name}: without {clip.name}: {'; '.join(clip.reasons)}")
            elif clip.amplitude < 1:
                lines.append(f"{name}: {clip.name} at {clip.amplitude:.0%} of its motion")
    return lines
