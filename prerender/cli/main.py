"""The command line: one module per command, errors as sentences."""

import os
import signal
import sys
from types import FrameType
from typing import Annotated

import typer

from frame_app.base.errors import PortraitError
from frame_app.base.logs import set_up_logging
from prerender.cli import library, models, motions
from prerender.cli.common import print_problem
from prerender.cli.exits import Exit
from prerender.cli.inspect import inspect
from prerender.cli.plan import plan
from prerender.cli.report import report
from prerender.cli.run import run

_EPILOG = (
    "Exit codes: 0 done, 1 something failed, 2 wrong use, 3 weights missing, 4 unreadable photo or "
    "no face, 5 unreadable library, 6 disk full or read-only, 130 interrupted."
)

app = typer.Typer(
    name="prerender",
    help="Turn portraits into a library of clips that the frame plays.",
    epilog=_EPILOG,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.command()(run)
app.command()(plan)
app.command()(inspect)
app.command()(report)
app.add_typer(library.app, name="library")
app.add_typer(models.app, name="models")
app.add_typer(motions.app, name="motions")


@app.callback()
def options(
    *,
    verbose: Annotated[
        int, typer.Option("--verbose", "-v", count=True, help="say more; twice for all")
    ] = 0,
    debug: Annotated[bool, typer.Option("--debug", help="tracebacks with every error")] = False,
) -> None:
    """What holds for every command."""
    set_up_logging(verbosity=2 if debug else verbose - 1)


class _Interrupted(BaseException):
    """Ctrl-C, or the service manager's request to stop; Typer turns KeyboardInterrupt into 1."""


def main() -> None:
    """Run the command line and leave with its exit code; the only border errors cross."""
    before = {number: signal.signal(number, _interrupt) for number in _STOPPERS}
    try:
        app()
    except PortraitError as error:
        if "--debug" in sys.argv[1:]:
            raise
        print_problem(error)
        sys.exit(error.exit_code)
    except _Interrupted:
        print_problem("interrupted; what was made so far is kept, the next run goes on from there")
        sys.exit(Exit.INTERRUPTED)
    except BrokenPipeError:  # the reader of our output left, for example `| head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(Exit.OK)
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


_STOPPERS = (signal.SIGINT, signal.SIGTERM)


def _interrupt(number: int, frame: FrameType | None) -> None:
    del number, frame
    raise _Interrupted
