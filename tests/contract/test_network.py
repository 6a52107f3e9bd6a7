"""Who may open a connection: one module, on the user's word."""

import ast
from pathlib import Path

from frame_app.base.paths import shipped

ROOT = Path(__file__).parents[2]
NETWORK = {
    "aiohttp", "ftplib", "http", "httpx", "huggingface_hub", "imaplib", "poplib", "requests",
    "smtplib", "socket", "socketserver", "ssl", "telnetlib", "urllib", "urllib3", "websocket",
    "websockets", "xmlrpc",
}  # fmt: skip
MAY = {
    "prerender/core/fetch.py": {"http", "ssl", "urllib"},
    # a pair between this process and its child, and the service manager's socket: nothing outside
    "frame_app/perception/supervisor.py": {"socket"},
    "frame_app/kiosk/watchdog.py": {"socket"},
}


def imported(path: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found.add((node.module or "").partition(".")[0])
    return found & NETWORK


def test_only_the_fetcher_can_open_a_connection_to_the_outside() -> None:
    modules = [
        path for package in ("frame_app", "prerender") for path in (ROOT / package).rglob("*.py")
    ]
    assert len(modules) > 100
    found = {str(path.relative_to(ROOT)): imported(path) for path in modules}
    assert {name: what for name, what in found.items() if what} == MAY


def test_no_address_is_written_down_outside_the_catalogue() -> None:
    addresses = {
        path.relative_to(ROOT).as_posix()
        for package in ("frame_app", "prerender")
        for path in (ROOT / package).rglob("*.py")
        if "/resolve/" in path.read_text(encoding="utf-8")
    }
    assert addresses == set()
    assert "https://" in shipped("config", "models.toml").read_text(encoding="utf-8")
