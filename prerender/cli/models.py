"""`prerender models`: neural weights, from their catalogue to the models folder."""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer
from rich import box
from rich.console import Console
from rich.table import Column, Table

from frame_app.base.errors import PortraitError, UsageError
from prerender.cli.exits import Exit
from prerender.cli.options import AsJson
from prerender.cli.printing import print_json, print_line
from prerender.cli.progress import fetch_progress
from prerender.core.bring import bring, named_file, place
from prerender.core.fetch import Fetcher
from prerender.engines.catalogue import Model, WeightsFile
from prerender.engines.weights import WeightsRoom, missing_package, weights_room
from prerender.recipe import load_recipe

_WIDE = 120  # columns of a terminal on which a sentence per model fits

app = typer.Typer(
    name="models",
    help="Look at, fetch and look after neural weights.",
    no_args_is_help=True,
    add_completion=False,
)

Ids = Annotated[list[str] | None, typer.Argument(metavar="ID...", help="models of the catalogue")]
Accept = Annotated[
    list[str] | None,
    typer.Option("--accept-licence", metavar="LICENCE", help="say yes to these terms, once"),
]


@app.command("list")
def list_models(
    task: Annotated[str, typer.Option("--task", help="of this task only")] = "",
    *,
    installed: Annotated[bool, typer.Option("--installed", help="only what is here")] = False,
    as_json: AsJson = False,
) -> None:
    """List the models there are: what is installed, verified and usable, and why not."""
    room = weights_room()
    rows = [_row(room, name) for name in room.catalogue.model]
    tasks = sorted({str(row["task"]) for row in rows})
    if task not in {"", *tasks}:
        raise UsageError(f"no model is for {task}; there are models for: {', '.join(tasks)}")
    rows = [row for row in rows if task in {"", row["task"]}]
    rows = [row for row in rows if row["installed"] or not installed]
    if as_json:
        print_json({"schema": 1, "folder": str(room.root), "models": rows})
        return
    console = Console()
    is_wide = console.width >= _WIDE
    table = Table(Column("id", no_wrap=True), "for", Column("MB", justify="right"), box=box.SIMPLE)
    for heading in ("licence", "state", *(["what it does"] if is_wide else [])):
        table.add_column(heading)
    for row in rows:
        size = _megabytes(room.catalogue.get(str(row["id"])))
        state = "ready" if row["usable"] else row["why_not"] if row["installed"] else "-"
        words = [row["id"], row["task"], size, f"{row['class']} {row['licence']}", state]
        table.add_row(*map(str, [*words, row["about"]] if is_wide else words))
    console.print(table)
    print_line(f"{sum(bool(row['usable']) for row in rows)} of {len(rows)} ready in {room.root}")
    print_line("A free for every use, B conditional or unclear, C not for commercial use")
    if not all(row["installed"] for row in rows):
        print_line("- not here: prerender models fetch ID; docs/models.md says what to get first")


@app.command()
def fetch(
    ids: Ids = None,
    *,
    recipe: Annotated[
        str,
        typer.Option(
            "--recipe", metavar="NAME|FILE", help="what each stage of a recipe likes best"
        ),
    ] = "",
    accept: Accept = None,
) -> None:
    """Download weights, verify them and put them in place; goes on where it was cut."""
    room = weights_room()
    names = list(dict.fromkeys([*(ids or ()), *(_named_by(room, recipe) if recipe else ())]))
    if not names:
        raise UsageError("name a model, or a recipe with --recipe; see: prerender models list")
    _accept(room, accept)
    _demand_licences(room, names)
    fetcher = Fetcher(room)
    failed: list[PortraitError] = []
    for name in names:
        try:
            with fetch_progress() as show:
                for file in room.catalogue.get(name).files:
                    fetcher.fetch(file, show(Path(file.file).name))
        except PortraitError as error:
            if len(names) == 1:
                raise
            failed.append(error)
            _say(f"{name}: {error}")
        else:
            print_line(f"{name}: {_state(room, name)}")
    if failed:
        raise typer.Exit(failed[0].exit_code)


@app.command("import")
def import_(
    paths: Annotated[list[Path], typer.Argument(metavar="FILE|DIR...", help="what you brought")],
    *,
    accept: Accept = None,
    as_model: Annotated[
        str,
        typer.Option(
            "--as", metavar="ID[:ROLE]", help="what one file is whose digest nobody knows"
        ),
    ] = "",
    confirm: Annotated[
        str, typer.Option("--confirm", metavar="SHA256", help="with --as: yes, this is its digest")
    ] = "",
) -> None:
    """Take in files from elsewhere; each is recognised by its digest, whatever its name."""
    room = weights_room()
    _accept(room, accept)
    if as_model:
        if len(paths) != 1 or not paths[0].is_file():
            raise UsageError("--as takes exactly one file")
        _vouch(room, paths[0], as_model, confirm.strip().lower())
        return
    models: dict[str, None] = {}
    strangers = 0
    for found in bring(room, paths):
        if found.model:
            how = "is here already" if found.was_there else f"is now {found.target}"
            print_line(f"{found.source} {how}")
            models[found.model] = None
        else:
            strangers += 1
            _say(f"{found.source} is none of the known files, or is damaged: sha256 {found.sha256}")
    if not models and not strangers:
        _say("no known weights were found there; see: prerender models list")
    for name in models:
        print_line(f"{name}: {_state(room, name)}")
    if strangers or not models:
        raise typer.Exit(Exit.WEIGHTS)


@app.command()
def verify(ids: Ids = None, *, as_json: AsJson = False) -> None:
    """Hash everything that is installed anew; exit code 3 if a file is not what it claims."""
    room = weights_room()
    problems: dict[str, str] = {}
    count = 0
    for name in ids or room.catalogue.model:
        for file in room.catalogue.get(name).files:
            path = room.path(file)
            if path.exists() or ids:
                count += 1
                if path.is_file():
                    room.forget(path)
                if problem := room.problem(file):
                    problems[file.file] = problem
    if as_json:
        found = [{"file": file, "problem": problem} for file, problem in problems.items()]
        print_json({"schema": 1, "folder": str(room.root), "files": count, "problems": found})
    else:
        for path_below, problem in problems.items():
            print_line(f"{path_below} {problem}")
        print_line(f"{count - len(problems)} of {count} files are whole in {room.root}")
    if problems:
        raise typer.Exit(Exit.WEIGHTS)


@app.command()
def licences(
    *,
    accept: Accept = None,
    withdraw: Annotated[
        list[str] | None, typer.Option("--withdraw", metavar="LICENCE", help="take a yes back")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Show the terms of all weights, and what you said yes to, when."""
    room = weights_room()
    _accept(room, accept)
    for key in withdraw or ():
        _licence(room, key)
        room.withdraw(key)
        _say(f"licence {key}: {_withdrawn(room, key)}")
    users = {
        key: [name for name, model in room.catalogue.model.items() if model.licence == key]
        for key in room.catalogue.licence
    }
    if as_json:
        rows = [
            {
                "id": key,
                "name": licence.name,
                "class": licence.kind.value,
                "commercial": licence.commercial,
                "needs_consent": licence.needs_consent,
                "accepted": room.accepted(key),
                "models": users[key],
                "text": licence.text,
            }
            for key, licence in room.catalogue.licence.items()
        ]
        print_json({"schema": 1, "licences": rows})
        return
    if accept or withdraw:
        return
    for key, licence in room.catalogue.licence.items():
        yes = room.accepted(key)
        said = f", accepted {yes}" if yes else ", not accepted" if licence.needs_consent else ""
        print_line(f"{key}: {licence.name}, class {licence.kind}{said}")
        print_line(f"    {licence.text}")
        print_line(f"    models: {', '.join(users[key])}")


@app.command()
def remove(ids: Annotated[list[str], typer.Argument(metavar="ID...")]) -> None:
    """Delete the files of models, and what is left of fetches that were cut."""
    room = weights_room()
    for model in [room.catalogue.get(name) for name in ids]:
        freed = 0
        for file in model.files:
            path = room.path(file)
            for each in (path, *path.parent.glob(f".{path.name}.*")):
                if each.is_file():
                    freed += each.stat().st_size
                    each.unlink()
                    print_line(f"deleted {each}")
        print_line(f"{model.title}: {f'{freed / 1e6:.1f} MB freed' if freed else 'is not here'}")


def _row(room: WeightsRoom, name: str) -> dict[str, object]:
    model = room.catalogue.get(name)
    licence = room.catalogue.licence_of(name)
    is_here = [room.path(file).is_file() for file in model.files]
    why_not = room.missing(name)
    return {
        "id": name,
        "task": model.task,
        "title": model.title,
        "about": model.about,
        "bytes": model.bytes,
        "licence": model.licence,
        "class": licence.kind.value,
        "commercial": licence.commercial,
        "extra": model.extra,
        "memory_gb": model.memory_gb,
        "origin": model.origin,
        "installed": any(is_here),
        "verified": all(is_here) and not any(room.problem(file) for file in model.files),
        "usable": not why_not,
        "why_not": why_not,
        "files": [
            {
                "role": file.role,
                "path": str(room.path(file)),
                "url": file.url,
                "sha256": file.sha256,
            }
            for file in model.files
        ],
    }


def _state(room: WeightsRoom, name: str) -> str:
    if why_not := room.missing(name):
        return f"verified, but {why_not}" if missing_package(room.catalogue.get(name)) else why_not
    return "ready"


def _megabytes(model: Model) -> str:
    if not all(file.bytes for file in model.files):
        return "?"
    return f"{model.bytes / 1e6:,.0f}"


def _named_by(room: WeightsRoom, recipe: str) -> list[str]:
    """The model that each stage likes best of those that can be fetched; `auto` names none."""
    found: list[str] = []
    for params in load_recipe(recipe).params.values():
        names = [name.strip() for name in str(getattr(params, "engine", "")).split(",")]
        models = [name for name in names if name in room.catalogue.model]
        for name in models:
            if all(file.is_fetchable for file in room.catalogue.get(name).files):
                found.append(name)
                break
    if not found:
        raise UsageError(f"the recipe {recipe} names no model to fetch; see: prerender models list")
    return found


def _licence(room: WeightsRoom, key: str) -> None:
    if key not in room.catalogue.licence:
        known = ", ".join(room.catalogue.licence)
        raise UsageError(f"there is no licence {key}; there are: {known}")


def _withdrawn(room: WeightsRoom, key: str) -> str:
    """What it means that there is no yes any more."""
    if not room.catalogue.licence[key].needs_consent:
        return "needs no yes, so there is none to take back"
    models = [name for name, model in room.catalogue.model.items() if model.licence == key]
    return f"your yes is taken back; {', '.join(models)} will not be used"


def _accept(room: WeightsRoom, keys: Sequence[str] | None) -> None:
    for key in keys or ():
        _licence(room, key)
    for key in keys or ():
        room.accept(key)
        _say(f"licence {key} accepted: {room.catalogue.licence[key].text}")


def _demand_licences(room: WeightsRoom, names: Sequence[str]) -> None:
    """Before anything is fetched: the terms of what needs a yes, all at once."""
    wanted = {
        room.catalogue.get(name).licence: None for name in names if not room.is_licensed(name)
    }
    for key in wanted:
        licence = room.catalogue.licence[key]
        _say(f"{licence.name}, class {licence.kind}, commercial use: {licence.commercial}")
        _say(licence.text)
    if wanted:
        options = " ".join(f"--accept-licence {key}" for key in wanted)
        raise UsageError(f"these terms need your yes; if you agree, run it again with {options}")


def _vouch(room: WeightsRoom, path: Path, as_model: str, confirm: str) -> None:
    """Take in a file whose digest the catalogue does not know, on the user's word."""
    name, _, role = as_model.partition(":")
    file = _file_of(room.catalogue.get(name), name, role)
    source = named_file(path)
    digest = room.sha256(path)
    if file.sha256:
        raise UsageError(f"the digest of {file.file} is known; import it without --as")
    if confirm != digest:
        wrong = f"--confirm names another digest, {confirm}. " if confirm else ""
        raise UsageError(
            f"{wrong}{path} has {source.size:,} bytes and sha256 {digest}. Compare that with what "
            f"{file.url or room.catalogue.get(name).origin} says of it; if it is the same, run "
            f"this again with --confirm {digest}"
        )
    place(room, source, room.path(file), digest)
    room.confirm(file, digest)
    print_line(f"{path} is now {room.path(file)}")
    print_line(f"{name}: {_state(room, name)}")


def _file_of(model: Model, name: str, role: str) -> WeightsFile:
    found = [file for file in model.files if role in {"", file.role}]
    if len(found) != 1:
        roles = ", ".join(f"{name}:{file.role}" for file in model.files)
        raise UsageError(f"say which file it is: {roles}")
    return found[0]


def _say(text: str) -> None:
    sys.stderr.write(text + "\n")
