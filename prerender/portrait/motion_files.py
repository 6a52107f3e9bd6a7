"""Motions, poses and mouth shapes from files: the shipped ones, and the user's own over them."""

import re
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, TypeVar

from pydantic import TypeAdapter, ValidationError

from frame_app.base.errors import ConfigError
from frame_app.base.hashing import file_sha256
from frame_app.base.paths import config_dir, shipped
from frame_app.cliplib.schema import NEUTRAL, Viseme
from prerender.portrait.motion import Motion, check_pose
from prerender.portrait.pose import NEUTRAL_POSE, Pose

MOTIONS, POSES, VISEMES = "motions", "poses.toml", "visemes.toml"
_POSES: TypeAdapter[dict[str, dict[str, float]]] = TypeAdapter(dict[str, dict[str, float]])

T = TypeVar("T")


def motion_roots() -> tuple[Path, ...]:
    """Folders of which each may hold `motions/*.toml`, poses.toml and visemes.toml; later win."""
    return shipped("config"), config_dir()


@dataclass(frozen=True, slots=True)
class Repertoire:
    """Everything that heads can be made to do."""

    motions: Mapping[str, Motion]
    """By name, in the order of names."""
    poses: Mapping[str, Pose]
    visemes: Mapping[Viseme, Pose]
    files: Mapping[str, tuple[Path, ...]] = field(default_factory=dict)
    """What decides how a motion looks: its own file, and that of poses if it uses any."""

    def drawn(self) -> "Repertoire":
        """Without recordings: what any animator can play."""
        motions = {name: each for name, each in self.motions.items() if each.recorded is None}
        return replace(self, motions=motions)

    def recording(self, name: str) -> Path:
        """The file of a recorded motion."""
        return self.files[name][-1]

    def material(self, name: str) -> str:
        """Hash of the files behind a motion or behind the mouth shapes; empty if there are none."""
        try:
            return " ".join(file_sha256(path) for path in self.files.get(name, ()))
        except FileNotFoundError as error:
            path = Path(str(error.filename))
            raise ConfigError(path, "is not there, and a motion names it") from error


def load_repertoire(roots: Sequence[Path] | None = None) -> Repertoire:
    """Read all motions, poses and mouth shapes.

    Args:
        roots: As `motion_roots`, which is what is meant by None.

    Raises:
        ConfigError: a file cannot be used; says where in it, and what could stand there.
    """
    roots = motion_roots() if roots is None else roots
    poses: dict[str, Pose] = {NEUTRAL: NEUTRAL_POSE}
    shapes: dict[str, Pose] = {}
    for root in roots:
        poses |= _load(root / POSES, _poses)
        shapes |= _load(root / VISEMES, _visemes)
    pose_files = tuple(root / POSES for root in roots if (root / POSES).is_file())
    shape_files = tuple(root / VISEMES for root in roots if (root / VISEMES).is_file())
    motions: dict[str, Motion] = {}
    files: dict[str, tuple[Path, ...]] = {VISEMES: shape_files}
    for root in roots:
        for path in sorted((root / MOTIONS).glob("*.toml")):
            motion = load_motion(path, poses)
            motions[motion.name] = motion
            posed = {motion.start_pose, motion.end_pose} != {NEUTRAL}
            beside = (root / MOTIONS / motion.recorded.file,) if motion.recorded else ()
            files[motion.name] = (path, *(pose_files if posed else ()), *beside)
    return Repertoire(
        dict(sorted(motions.items())),
        poses,
        {viseme: shapes[viseme] for viseme in Viseme if viseme in shapes},
        files,
    )


def load_motion(path: Path, poses: Mapping[str, Pose] | None = None) -> Motion:
    """Read one motion.

    Raises:
        ConfigError: it cannot be used; says where in it, and what could stand there.
    """

    def read(table: dict[str, Any]) -> Motion:
        motion = Motion.model_validate(table)
        if motion.name != path.stem:
            msg = f"name: is {motion.name}; a motion is called like its file, {path.stem}"
            raise ValueError(msg)
        motion.check_poses(poses or {NEUTRAL: NEUTRAL_POSE})
        return motion

    return _parsed(path, read)


def _load(path: Path, read: Callable[[dict[str, Any]], dict[str, Pose]]) -> dict[str, Pose]:
    return _parsed(path, read) if path.is_file() else {}


def _poses(table: dict[str, Any]) -> dict[str, Pose]:
    poses = _POSES.validate_python(table)
    if NEUTRAL in poses:
        msg = f"{NEUTRAL}: is the picture itself and cannot be another pose"
        raise ValueError(msg)
    for name, pose in poses.items():
        try:
            check_pose(pose)
        except ValueError as error:
            msg = f"{name}: {error}"
            raise ValueError(msg) from error
    return dict(poses)


def _visemes(table: dict[str, Any]) -> dict[str, Pose]:
    known = [viseme.value for viseme in Viseme]
    if unknown := sorted(set(table) - set(known)):
        msg = f"{unknown[0]}: there is no such mouth shape; known are: {', '.join(known)}"
        raise ValueError(msg)
    return _poses(table)


def _parsed(path: Path, read: Callable[[dict[str, Any]], T]) -> T:
    text = ""
    try:
        text = path.read_text("utf-8")
        return read(tomllib.loads(text))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigError(path, f"is not a readable TOML file ({error})") from error
    except ValidationError as error:
        raise ConfigError(path, _sentence(error, text)) from error
    except ValueError as error:
        raise ConfigError(path, _with_line(text, (), str(error))) from error


def _sentence(error: ValidationError, text: str) -> str:
    """Line, key and what is legal there."""
    first = error.errors(include_url=False)[0]
    message = first["msg"].removeprefix("Value error, ")
    key = ".".join(str(part) for part in first["loc"])
    message = f"{key}: {_plain(first['type'], message)}" if key else message
    return _with_line(text, first["loc"], message)


def _with_line(text: str, where: Sequence[str | int], message: str) -> str:
    """The message with its line in front; a rule over several keys names one before a colon."""
    line = _line(text, where or message.split(":", 1)[0].split("."))
    return f"line {line}, {message}" if line else message


def _plain(kind: str, message: str) -> str:
    if kind == "extra_forbidden":
        return "unknown key"
    return message.replace("Input should be", "must be")


def _line(text: str, where: Sequence[str | int]) -> int | None:
    """Line on which a key, or the `[[table]]` it stands in, is written; None if it is not there."""
    keys = [part for part in where if isinstance(part, str)]
    number = where[1] if len(where) > 1 and isinstance(where[1], int) else 0  # of several tables
    *tables, key = keys or [""]
    header, seen = "", dict[str, int]()
    for line_number, line in enumerate(text.splitlines(), start=1):
        if found := re.fullmatch(r"\s*\[\[?\s*([\w.-]+)\s*\]?\]\s*(#.*)?", line):
            header = found[1]
            seen[header] = seen.get(header, -1) + 1
            is_here = keys == [header] and seen[header] == number
        else:
            is_table = header == ".".join(tables) and seen.get(header, 0) == number
            is_here = is_table and bool(re.match(rf'\s*"?{re.escape(key)}"?\s*=', line))
        if is_here:
            return line_number
    return None
