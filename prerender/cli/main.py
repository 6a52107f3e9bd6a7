"""The command line: one module per command, errors as sentences."""

import importlib
import os
import signal
import sys
from types import FrameType, ModuleType
from typing import TYPE_CHECKING, Annotated

import typer
from typer.core import TyperGroup

from frame_app.base.errors import PortraitError
from frame_app.base.logs import set_up_logging
from prerender.cli.exits import Exit
from prerender.cli.printing import print_problem

if TYPE_CHECKING:
    from typer._click import Command, Context  # Typer has no public name for them

_EPILOG = (
    "Exit codes: 0 done, 1 something failed, 2 wrong use, 3 weights missing, 4 unreadable photo or "
    "no face, 5 unreadable library, 6 disk full or read-only, 130 interrupted."
)

_COMMANDS = ("run", "plan", "inspect", "report", "library", "models", "motions")
"""In the order of the help. Each is a module of that name, which holds a function of that name, or
an `app` of commands of its own."""


class _Commands(TyperGroup):
    """Imports the module of a command when it is meant: no command needs those of others."""

    def list_commands(self, ctx: "Context") -> list[str]:
        """Names for the help."""
        del ctx
        return list(_COMMANDS)

    def get_command(self, ctx: "Context", cmd_name: str) -> "Command | None":
        """The command of that name, made when it is first asked for."""
        del ctx
        if cmd_name in _COMMANDS and cmd_name not in self.commands:
            module = importlib.import_module(f"prerender.cli.{cmd_name}")
            self.commands[cmd_name] = _command(cmd_name, module)
        return self.commands.get(cmd_name)


def _command(name: str, module: ModuleType) -> "Command":
    if hasattr(module, "app"):
        return typer.main.get_command(module.app)
    single = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
    single.command(name)(getattr(module, name))
    return typer.main.get_command(single)


app = typer.Typer(
    name="prerender",
    cls=_Commands,
    help="Turn portraits into a library of clips that the frame plays.",
    epilog=_EPILOG,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


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
