"""Entry of `frame-app`."""

import sys
import time

_STARTED_S = time.monotonic()


def main() -> int:
    """Run the player; returns the exit code, see `frame_app.base.errors`."""
    from frame_app.app import run  # so that importing this module loads nothing

    return run(sys.argv[1:], started_s=_STARTED_S)


if __name__ == "__main__":
    sys.exit(main())
