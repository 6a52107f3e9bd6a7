"""From artifacts to a portrait of the library: names, manifest, files."""

import hashlib
import re
import shutil
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from frame_app.base.atomic import storage_errors
from frame_app.cliplib import layout
from frame_app.cliplib.schema import (
    Clip,
    Consent,
    EngineUse,
    Family,
    FileRef,
    GazeSheet,
    Lids,
    Manifest,
    Parallax,
    Provenance,
    Scene,
    Source,
    StageNotes,
    Viseme,
    VisemeSheet,
)
from prerender.core.facts import ClipFacts, SceneFacts, SourceFacts, load_facts
from prerender.core.plan import Node, Plan
from prerender.core.stage import GAZE_SHEET, VISEME_SHEET, ArtifactKind
from prerender.core.store import Seal, Store
from prerender.core.verdict import left_out, remarks
from prerender.media.provenance import source_type

_STILLS = {
    layout.POSTER: ArtifactKind.POSTER,
    layout.PLATE: ArtifactKind.PLATE,
    layout.PLATE_DEPTH: ArtifactKind.PLATE_DEPTH,
    layout.SUBJECT: ArtifactKind.SUBJECT,
    layout.SUBJECT_DEPTH: ArtifactKind.SUBJECT_DEPTH,
}
_WRITTEN_OUT = str.maketrans(
    {
        "ä": "ae",
        "ö": "oe",
        "ü": "ue",
        "ß": "ss",
        "æ": "ae",
        "œ": "oe",
        "ø": "o",
        "đ": "d",
        "ð": "d",
        "þ": "th",
        "ł": "l",
    }
)
_CAMERA_NAME = re.compile(r"(img|dsc[fn]?|pxl|dji|scan|image|photo|wa)?[\W_\d]*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Naming:
    """What a portrait is called, and what its owner laid down."""

    id: str
    title: str
    generator: str
    consent: Consent = field(default_factory=Consent)


def make_manifest(store: Store, plan: Plan, seals: Mapping[str, Seal], naming: Naming) -> Manifest:
    """The manifest of a complete plan; reads the small records in the store, no pictures.

    Raises:
        OSError: an artifact is gone.
        KeyError: the plan is not complete.
    """
    source = load_facts(_path(store, plan, ArtifactKind.SOURCE), SourceFacts)
    scene = load_facts(_path(store, plan, ArtifactKind.SCENE), SceneFacts)
    facts = clip_facts(store, plan)
    shown = {label: fact for label, fact in facts.items() if label not in left_out(facts)}
    refs = {file: _ref(file, seals[_maker(plan, kind)], kind) for file, kind in _STILLS.items()}
    generative = any(node.is_generative for node in plan.nodes)
    return Manifest(
        id=naming.id,
        title=naming.title,
        source=Source(
            name=plan.photo.name,
            sha256=plan.photo_sha256,
            size_bytes=plan.photo_bytes,
            width=source.width,
            height=source.height,
            taken=source.taken,
        ),
        canvas=scene.canvas,
        actor_box=next(iter(facts.values())).box,
        eyes=scene.eyes,
        poster=refs[layout.POSTER],
        scene=Scene(
            plate=refs[layout.PLATE],
            plate_depth=refs[layout.PLATE_DEPTH],
            subject=refs[layout.SUBJECT],
            subject_depth=refs[layout.SUBJECT_DEPTH],
        ),
        clips=tuple(
            _clip(fact, seals[label])
            for label, fact in shown.items()
            if label not in {GAZE_SHEET, VISEME_SHEET}
        ),
        gaze=_sheet(shown, seals),
        visemes=_visemes(shown, seals),
        parallax=Parallax(max_shift=scene.max_shift, pivot=scene.pivot),
        engines=tuple(engine_uses(plan.nodes, seals)),
        notes=tuple(_notes(plan, seals, facts)),
        consent=naming.consent,
        provenance=Provenance(
            generator=naming.generator,
            ai_generated=generative,
            digital_source_type=source_type(generative=generative),
        ),
    )


def clip_facts(store: Store, plan: Plan) -> dict[str, ClipFacts]:
    """What is known of every clip of a plan that is in the store, by label; left out ones too."""
    paths = {node.label: store.folder(node.key) / ArtifactKind.FACTS.value for node in plan.clips()}
    return {label: load_facts(path, ClipFacts) for label, path in paths.items() if path.is_file()}


def gather(store: Store, plan: Plan, folder: Path) -> None:
    """Copy what the manifest names into a staged folder.

    Raises:
        StorageError: the disk is full or read-only.
    """
    gone = left_out(clip_facts(store, plan))
    with storage_errors(folder):
        for name in (layout.SCENE, layout.CLIPS):
            (folder / name).mkdir()
        for file, kind in _STILLS.items():
            shutil.copyfile(_path(store, plan, kind), folder / file)
        for node in plan.clips():
            if node.label in gone:
                continue
            video = store.folder(node.key) / ArtifactKind.VIDEO.value
            shutil.copyfile(video, folder / layout.clip_file(node.label))


def slug_of(photo: Path) -> str:
    """An id from a file name: lower-case Latin letters, digits and single dashes.

    Umlauts and their like are written out as their own languages do it. A name in another script
    leaves nothing to write, so it becomes `portrait-` with a hash: two such photos are told apart.
    """
    name = unicodedata.normalize("NFC", photo.stem).lower().translate(_WRITTEN_OUT)
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    slug = re.sub(r"[^a-z0-9]+", "-", plain)[:48].strip("-")
    if slug or name.isascii():
        return slug or "portrait"
    return f"portrait-{hashlib.sha256(name.encode('utf-8', 'surrogateescape')).hexdigest()[:6]}"


def title_of(photo: Path, taken: str | None) -> str:
    """A title from a file name, or the day it was taken if a camera made up the name."""
    if taken and _CAMERA_NAME.fullmatch(photo.stem):
        day = datetime.fromisoformat(taken)
        return f"{day.day} {day:%B %Y}"
    words = re.sub(r"[-_\s]+", " ", photo.stem).strip() or photo.name
    return (words.title() if words == words.lower() else words)[:200]


def _path(store: Store, plan: Plan, kind: ArtifactKind) -> Path:
    return store.folder(plan.producers[kind]) / kind.value


def _maker(plan: Plan, kind: ArtifactKind) -> str:
    key = plan.producers[kind]
    return next(node.label for node in plan.nodes if node.key == key)


def _ref(file: str, seal: Seal, kind: ArtifactKind) -> FileRef:
    sealed = seal.files[kind.value]
    return FileRef(file=file, sha256=sealed.sha256, size_bytes=sealed.size_bytes)


def _clip(facts: ClipFacts, seal: Seal) -> Clip:
    return Clip(
        name=facts.name,
        family=Family(facts.family),
        mood=facts.mood,
        video=_ref(layout.clip_file(facts.name), seal, ArtifactKind.VIDEO),
        frames=facts.frames,
        fps=facts.fps,
        start_pose=facts.start_pose,
        end_pose=facts.end_pose,
        exits=facts.exits,
        jumps=facts.jumps,
        loop=facts.loop,
        scores=facts.scores,
    )


def _sheet(facts: Mapping[str, ClipFacts], seals: Mapping[str, Seal]) -> GazeSheet | None:
    sheet = facts.get(GAZE_SHEET)
    if sheet is None or sheet.grid is None:
        return None
    return GazeSheet(
        video=_ref(layout.clip_file(GAZE_SHEET), seals[GAZE_SHEET], ArtifactKind.VIDEO),
        yaw_deg=sheet.grid.yaw_deg,
        pitch_deg=sheet.grid.pitch_deg,
        lids=tuple(Lids(name) for name in sheet.grid.lids),
        scores=sheet.scores,
    )


def _visemes(facts: Mapping[str, ClipFacts], seals: Mapping[str, Seal]) -> VisemeSheet | None:
    sheet = facts.get(VISEME_SHEET)
    if sheet is None or sheet.shapes is None:
        return None
    return VisemeSheet(
        video=_ref(layout.clip_file(VISEME_SHEET), seals[VISEME_SHEET], ArtifactKind.VIDEO),
        visemes=tuple(Viseme(name) for name in sheet.shapes.visemes),
        strengths=sheet.shapes.strengths,
        scores=sheet.scores,
    )


def engine_uses(nodes: Iterable[Node], seals: Mapping[str, Seal]) -> Iterator[EngineUse]:
    """Each stage's engine, once; of the nodes that have a seal."""
    seen: set[str] = set()
    for node in nodes:
        seal = seals.get(node.label)
        for use in seal.engines if seal is not None else ():
            if use.stage not in seen:
                seen.add(use.stage)
                yield use


def _notes(
    plan: Plan, seals: Mapping[str, Seal], facts: Mapping[str, ClipFacts]
) -> Iterator[StageNotes]:
    """One per still stage with something to say, one for all clips together."""
    for node in plan.nodes:
        seal = seals[node.label]
        if not node.is_clip and (seal.scores or seal.warnings):
            yield StageNotes(stage=node.label, scores=seal.scores, warnings=seal.warnings)
    clips = [seals[node.label] for node in plan.clips()]
    scores = {name: value for seal in clips for name, value in seal.scores.items()}
    said = [text for seal in clips for text in seal.warnings]
    said.extend(remarks(facts))
    warnings = tuple(dict.fromkeys(said))
    if scores or warnings:
        yield StageNotes(stage="animate", scores=scores, warnings=warnings)
