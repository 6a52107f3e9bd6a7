"""Names of files and folders below the library root."""

from pathlib import Path

INDEX = "library.json"
PORTRAITS = "portraits"
GENERATIONS = "generations"
STAGING = ".staging"
MANIFEST = "portrait.json"
POSTER = "poster.jpg"
SCENE = "scene"
CLIPS = "clips"
GAZE = "gaze"

PLATE = "scene/plate.png"
PLATE_DEPTH = "scene/plate_depth.png"
SUBJECT = "scene/subject.png"
SUBJECT_DEPTH = "scene/subject_depth.png"


def index_path(root: Path) -> Path:
    """The index that is in force."""
    return root / INDEX


def generation_path(root: Path, generation: int) -> Path:
    """A copy of the index of that generation, kept to fall back to."""
    return root / GENERATIONS / f"{generation:08d}.json"


def portraits_path(root: Path) -> Path:
    """The folder that holds the portraits' folders."""
    return root / PORTRAITS


def staging_path(root: Path) -> Path:
    """Where portraits are put together before they are published."""
    return root / STAGING


def clip_file(name: str) -> str:
    """Path of a clip's video below its portrait's folder."""
    return f"{CLIPS}/{name}.mp4"
