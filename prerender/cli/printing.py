"""What commands say on stdout and stderr."""

import json
import sys
from typing import Any


def print_json(value: dict[str, Any] | list[dict[str, Any]]) -> None:
    """One JSON document on stdout."""
    sys.stdout.write(json.dumps(value, indent=1, ensure_ascii=False) + "\n")


def print_line(text: str = "") -> None:
    """One line on stdout."""
    sys.stdout.write(text + "\n")


def print_problem(problem: object) -> None:
    """One sentence on stderr, after what stdout has said so far."""
    sys.stdout.flush()
    sys.stderr.write(f"prerender: {problem}\n")
