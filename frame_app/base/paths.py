"""Where things live: what the project ships, and what belongs to the user or the system."""

from pathlib import Path

import platformdirs

APP = "portrait-frame"
_PACKAGE = Path(__file__).resolve().parents[1]


def shipped(*parts: str) -> Path:
    """A file or folder of `assets/`, `config/` or `systemd/`, from a wheel or from a checkout."""
    installed = _PACKAGE / "shipped"
    root = installed if installed.is_dir() else _PACKAGE.parent
    return root.joinpath(*parts)


def config_dir() -> Path:
    """The user's own settings."""
    return Path(platformdirs.user_config_dir(APP))


def library_dir() -> Path:
    """The clip library unless an option names another."""
    return Path(platformdirs.user_data_dir(APP)) / "library"


def inbox_dir() -> Path:
    """Photos that wait for the night."""
    return Path(platformdirs.user_data_dir(APP)) / "inbox"


def store_dir() -> Path:
    """Artifacts between stages; losing them costs time, nothing else."""
    return Path(platformdirs.user_cache_dir(APP)) / "store"


def state_dir() -> Path:
    """What the player remembers between starts."""
    return Path(platformdirs.user_state_dir(APP))


def reports_dir() -> Path:
    """What runs of `prerender` had to tell."""
    return state_dir() / "reports"


def models_dir() -> Path:
    """Neural weights that the user put in place."""
    return Path(platformdirs.user_data_dir(APP)) / "models"
