"""Entry of `python -m prerender` and of the installed command.

Worker processes import this module too, so it is next to nothing.
"""

import gc

_MODULES_STAY = 20_000  # objects between two looks for garbage: a start makes many, and keeps all


def main() -> None:
    """Run the command line, and leave."""
    gc.set_threshold(_MODULES_STAY)
    from prerender.cli.main import main as run  # not in workers: half a command's start

    try:
        run()
    finally:
        gc.freeze()  # looking for garbage once more at the exit takes 0.09 s, measured; it all goes


if __name__ == "__main__":
    main()
