"""Recorded motions on their way into the user's folder."""

import json
from functools import partial
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from frame_app.base.atomic import storage_errors, write_atomic
from frame_app.base.errors import UsageError
from frame_app.base.paths import config_dir
from frame_app.cliplib.schema import Family, Slug
from prerender.engines.base import EngineId
from prerender.engines.liveportrait.driving import template_of_video
from prerender.engines.liveportrait.engine import LivePortrait
from prerender.engines.liveportrait.template import Template, read_template, save_template
from prerender.engines.registry import EngineRegistry
from prerender.engines.specs import ALL_SPECS
from prerender.media.video import frame_rate, read_frames
from prerender.portrait.motion_files import MOTIONS, load_motion

_TEMPLATES = (".pkl", ".npz")
_ENGINES = EngineId("liveportrait, liveportrait-safetensors")
_LEAST_S, _MOST_S = 1.0, 60.0
_SLUG = TypeAdapter[str](Slug)


def keep_recording(file: Path, name: str, family: Family, about: str) -> Path:
    """Write `motions/NAME.npz` and `NAME.toml` below the user's settings; gives the latter's path.

    What is shorter than a second is held until one is over: no clip is shorter.

    Raises:
        TemplateError: the template cannot be used.
        VideoError: the video cannot be read.
        UsageError: the name cannot be used, or the video shows no face.
        EngineError: a video needs LivePortrait, which cannot be had.
        StorageError: the disk is full or read-only.
    """
    try:
        _SLUG.validate_python(name)
    except ValidationError as error:
        msg = f"--name {name}: lower-case letters, digits and hyphens, please"
        raise UsageError(msg) from error
    template = read_template(file) if file.suffix in _TEMPLATES else _of_video(file)
    folder = config_dir() / MOTIONS
    length_s = max(_LEAST_S, (len(template) - 1) / template.fps)
    lines = [
        f"name = {json.dumps(name)}",
        f"about = {json.dumps(about[:200])}",
        f'family = "{family.value}"',
        f"duration_s = {min(length_s, _MOST_S):.3f}",
        "",
        "[recorded]",
        f'file = "{name}.npz"',
        "",
    ]
    with storage_errors(folder):
        folder.mkdir(parents=True, exist_ok=True)
        save_template(template, folder / f"{name}.npz")
        write_atomic(folder / f"{name}.toml", "\n".join(lines).encode())
    load_motion(folder / f"{name}.toml")
    return folder / f"{name}.toml"


def _of_video(file: Path) -> Template:
    fps = frame_rate(file)
    with EngineRegistry(ALL_SPECS) as registry:
        engine = registry.animate(_ENGINES).engine
        if not isinstance(engine, LivePortrait):
            msg = "a driving video is read by LivePortrait's networks only"
            raise UsageError(msg)
        frames = partial(read_frames, file)
        return template_of_video(frames, fps, registry.faces().engine, engine.painter)
