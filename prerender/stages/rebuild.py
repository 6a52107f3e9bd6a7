"""Rebuilds faces that are blurred or damaged, as far as they stay the same people."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from pydantic import Field

from frame_app.base.arrays import ImageF32, ImageU8
from prerender.core.faces import Faces, load_faces, save_faces
from prerender.core.stage import ArtifactKind, EngineParams, StageContext, StillStage
from prerender.engines.alignment import Affine
from prerender.engines.base import (
    AUTO,
    BUILTIN,
    Face,
    FaceEngine,
    IdentityEngine,
    Measured,
    RebuildEngine,
)
from prerender.engines.facework import Crop, crop_face, in_tone, paste
from prerender.engines.identity import same_face
from prerender.engines.registry import Task
from prerender.engines.tone import is_monochrome
from prerender.media.files import pass_on
from prerender.media.image import load_rgb, save_rgb

_GENTLER = 0.5  # factor on the strength after each try that changed somebody
_TRIES = 4  # the last of them changes nothing
_MOST_PX = 200.0  # between the eyes: larger faces hold more detail than a crop of 512 can carry
_NOBODY = "faces stay as they are: no engine that rebuilds them is here; see prerender models list"


class RebuildParams(EngineParams):
    """[stage.rebuild] of a recipe."""

    strength: float = Field(default=0.0, ge=0.0, le=1.0)
    """How much of a rebuilt face is blended over the old one; 0 leaves every face as it is."""

    fidelity: float = Field(default=0.7, ge=0.0, le=1.0)
    """0 is prettiest, 1 most faithful, in engines that have the choice (CodeFormer)."""

    least_px: float = Field(default=32.0, ge=8.0, le=512.0)
    """Pixels between the eyes, before enlargement, below which a face is left alone: what a network
    makes of fewer is somebody else."""

    identity_limit: float = Field(default=0.7, gt=0.0, le=1.0)
    """How far a face may go on the way to being somebody else, 1 being another person; past it the
    strength goes down until it is the same one. ArcFace judges where it is installed, else the
    shape of the face."""


@dataclass(frozen=True, slots=True, eq=False)
class _Work:
    """One face with its rebuilt crop."""

    face: Face
    """On the canvas."""
    crop: Crop
    rebuilt: ImageF32
    matrix: Affine
    """From crop to canvas."""


class RebuildStage(StillStage[RebuildParams]):
    """Faces are cut out of the picture before it was enlarged, and put back into the larger one."""

    name = "rebuild"
    version = 1
    consumes = (
        ArtifactKind.COLOURED,
        ArtifactKind.FACES,
        ArtifactKind.ENLARGED,
        ArtifactKind.ENLARGED_FACES,
    )
    produces = (ArtifactKind.CANVAS, ArtifactKind.CANVAS_FACES)
    task = Task.REBUILD
    aides = (Task.IDENTITY, Task.FACES)
    params_type = RebuildParams

    @classmethod
    def uses_engine(cls, params: RebuildParams) -> bool:
        """Not if nothing is to be changed."""
        return params.strength > 0.0

    def run(
        self, inputs: Mapping[ArtifactKind, Path], params: RebuildParams, ctx: StageContext
    ) -> Measured:
        """See the class."""
        measured = Measured()
        if self.uses_engine(params):
            engine = ctx.engines.rebuild(params.engine)
            if engine.info.id != BUILTIN:
                return _rebuilt(engine, inputs, params, ctx)
            measured = Measured(warnings=(_NOBODY,))
        pass_on(inputs[ArtifactKind.ENLARGED], ctx.output(ArtifactKind.CANVAS))
        pass_on(inputs[ArtifactKind.ENLARGED_FACES], ctx.output(ArtifactKind.CANVAS_FACES))
        return measured


def _rebuilt(
    engine: RebuildEngine,
    inputs: Mapping[ArtifactKind, Path],
    params: RebuildParams,
    ctx: StageContext,
) -> Measured:
    source = load_rgb(inputs[ArtifactKind.COLOURED])
    canvas = load_rgb(inputs[ArtifactKind.ENLARGED])
    before = load_faces(inputs[ArtifactKind.FACES])
    faces = load_faces(inputs[ArtifactKind.ENLARGED_FACES])
    wanted, left = _sorted_out(before.all, params.least_px)
    works = _works(engine, source, canvas, [(before.all[i], faces.all[i]) for i in wanted], params)
    result, strengths, drifts = _guarded(works, canvas, ctx.engines.identity(AUTO), params)
    if any(strengths):
        faces = _found_again(faces, ctx.engines.faces(AUTO), result)
    save_rgb(ctx.output(ArtifactKind.CANVAS), result)
    save_faces(ctx.output(ArtifactKind.CANVAS_FACES), faces)
    scores = {"faces_rebuilt": float(sum(one > 0 for one in strengths))}
    if works:
        scores |= {"strength": min(strengths), "identity_drift": round(max(drifts), 3)}
    return Measured(scores, (*left, *_held_back(strengths, drifts, params)))


def _sorted_out(faces: Sequence[Face], least_px: float) -> tuple[list[int], list[str]]:
    """Indices of the faces to rebuild, and why others are not."""
    small = sum(face.interocular_px < least_px for face in faces)
    large = sum(face.interocular_px > _MOST_PX for face in faces)
    wanted = [i for i, face in enumerate(faces) if least_px <= face.interocular_px <= _MOST_PX]
    said = []
    if small:
        said.append(f"{_count(small)} too small to be rebuilt, and left alone")
    if large:
        said.append(f"{_count(large)} too large to gain from being rebuilt, and left alone")
    return wanted, said


def _works(
    engine: RebuildEngine,
    source: ImageU8,
    canvas: ImageU8,
    faces: Sequence[tuple[Face, Face]],
    params: RebuildParams,
) -> list[_Work]:
    grow = canvas.shape[1] / source.shape[1], canvas.shape[0] / source.shape[0]
    is_grey = is_monochrome(source)
    works = []
    for before, on_canvas in faces:
        crop = crop_face(source, before)
        if crop is None:
            continue
        new = in_tone(engine.rebuild(crop.pixels, params.fidelity), crop, is_monochrome=is_grey)
        works.append(_Work(on_canvas, crop, new, crop.to_canvas(*grow)))
    return works


def _guarded(
    works: Sequence[_Work], canvas: ImageU8, identity: IdentityEngine, params: RebuildParams
) -> tuple[ImageU8, list[float], list[float]]:
    """Blend the faces in, each more gently as long as it is no longer who it was.

    Returns:
        The picture, the strength each face got, and how far each went at full strength.
    """
    strengths = [params.strength] * len(works)
    faces = tuple(work.face for work in works)
    first: list[float] = []
    for attempt in range(1, _TRIES + 1):
        result = _blended(works, canvas, strengths)
        drifts = identity.drift(canvas, result, faces) if any(strengths) else [0.0] * len(works)
        first = first or list(drifts)
        gone = [i for i, drift in enumerate(drifts) if drift > params.identity_limit]
        gone = [i for i in gone if strengths[i] > 0]
        if not gone:
            return result, strengths, first
        for i in gone:
            strengths[i] = _GENTLER * strengths[i] if attempt < _TRIES - 1 else 0.0
    return _blended(works, canvas, strengths), strengths, first


def _blended(works: Sequence[_Work], canvas: ImageU8, strengths: Sequence[float]) -> ImageU8:
    result = canvas.copy()
    for work, strength in zip(works, strengths, strict=True):
        if strength > 0:
            paste(result, work.rebuilt, work.crop, work.matrix, strength)
    return result


def _found_again(faces: Faces, finder: FaceEngine, result: ImageU8) -> Faces:
    """Landmarks on the rebuilt faces, which may sit a little differently."""
    found = finder.find(result)
    return Faces(tuple(same_face(face, found) or face for face in faces.all), faces.chosen)


def _held_back(
    strengths: Sequence[float], drifts: Sequence[float], params: RebuildParams
) -> list[str]:
    gentler = sum(0 < one < params.strength for one in strengths)
    undone = sum(one == 0 for one in strengths)
    said = []
    if gentler:
        said.append(f"{_count(gentler)} rebuilt more gently, to stay the same person")
    if undone:
        worst = max(drifts)
        said.append(
            f"{_count(undone)} left alone: rebuilt it would be somebody else "
            f"({worst:.0%} of the way to another person)"
        )
    return said


def _count(faces: int) -> str:
    return "one face is" if faces == 1 else f"{faces} faces are"


__all__ = ["RebuildParams", "RebuildStage"]
