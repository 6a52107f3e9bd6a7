"""Small published portraits for tests of the library: real files, but no real pictures."""

from pathlib import Path

from frame_app.cliplib import layout, writer
from frame_app.cliplib.schema import (
    Box,
    Clip,
    Family,
    GazeSheet,
    IndexEntry,
    Jump,
    Lids,
    Manifest,
    PortraitId,
    Provenance,
    Scene,
    Size,
    Source,
)


def stage_portrait(root: Path, portrait_id: str, *, content: str = "one") -> tuple[Path, Manifest]:
    """A staged folder and its manifest; other `content` gives other files."""
    staged = writer.make_staging(root)
    files = [
        layout.POSTER,
        layout.PLATE,
        layout.PLATE_DEPTH,
        layout.SUBJECT,
        layout.SUBJECT_DEPTH,
        layout.clip_file("idle"),
        layout.clip_file("smile"),
        layout.clip_file(layout.GAZE),
    ]
    for file in files:
        path = staged / file
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(f"{portrait_id} {file} {content}".encode())
    refs = {file: writer.file_ref(staged, file) for file in files}
    manifest = Manifest(
        id=PortraitId(portrait_id),
        title=portrait_id.replace("-", " ").title(),
        source=Source(
            name=f"{portrait_id}.jpg", sha256="0" * 64, size_bytes=1, width=64, height=64
        ),
        canvas=Size(width=64, height=64),
        actor_box=Box(x=16, y=16, width=32, height=32),
        poster=refs[layout.POSTER],
        scene=Scene(
            plate=refs[layout.PLATE],
            plate_depth=refs[layout.PLATE_DEPTH],
            subject=refs[layout.SUBJECT],
            subject_depth=refs[layout.SUBJECT_DEPTH],
        ),
        clips=(
            Clip(
                name="idle",
                family=Family.IDLE,
                video=refs[layout.clip_file("idle")],
                frames=300,
                fps=30.0,
                exits=(0, 150, 299),
                jumps=(Jump(source=200, target=20, cost=1.5),),
                loop=True,
            ),
            Clip(
                name="smile",
                family=Family.SMILE,
                video=refs[layout.clip_file("smile")],
                frames=90,
                fps=30.0,
            ),
        ),
        gaze=GazeSheet(
            video=refs[layout.clip_file(layout.GAZE)],
            yaw_deg=(-20.0, 0.0, 20.0),
            pitch_deg=(-10.0, 0.0, 10.0),
            lids=(Lids.OPEN, Lids.HALF, Lids.CLOSED),
        ),
        provenance=Provenance(
            generator="tests",
            ai_generated=False,
            digital_source_type="http://cv.iptc.org/newscodes/digitalsourcetype/digitalArt",
        ),
    )
    return staged, manifest


def publish_portrait(root: Path, portrait_id: str, *, content: str = "one") -> IndexEntry:
    """Stage and publish in one go."""
    staged, manifest = stage_portrait(root, portrait_id, content=content)
    return writer.publish(root, staged, manifest)
