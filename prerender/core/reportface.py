"""What the report page tells of the face: its profile, and that it stayed the same person."""

from collections.abc import Iterator

from prerender.core.document import PortraitRecord

_ASPECTS = {
    "suitability": "how well it comes alive",
    "resolution": "size of the face",
    "sharpness": "sharpness",
    "light": "light",
    "clean": "free of artefacts",
    "pose": "turned to the camera",
    "uncovered": "nothing in front of it",
    "eyes": "eyes open and free",
}
_GOOD, _FAIR = 0.6, 0.35  # of 1; `prerender inspect` has words for what is lower


def face_table(record: PortraitRecord) -> Iterator[str]:
    """A folded table; nothing if no face was looked at in this run."""
    scores = {stage.label: stage.scores for stage in record.stages}
    profile = scores.get("intake", {})
    if "suitability" not in profile:
        return
    yield "<details><summary>The face, and whether it stayed the same</summary>"
    yield "<div class=scroll><table><tr><th>What was measured in the photo"
    yield "<th class=number>0 to 1<th></tr>"
    for name, words in _ASPECTS.items():
        if name in profile:
            level, said = _level(profile[name])
            yield f'<tr><td>{words}<td class="number">{profile[name]:.2f}'
            yield f'<td><span class="tag {level}">{said}</span></tr>'
    yield "</table></div>"
    restored = scores.get("restore", {})
    if "identity_change" in restored:
        change = f"by {100 * restored['identity_change']:.2f} % of its height"
        strength = f", at a strength of {restored['strength']:g}" if "strength" in restored else ""
        said = f"Restoration changed the shape of the face {change}{strength}."
        yield f"<p><small>{said}</small></p>"
    yield "</details>"


def _level(score: float) -> tuple[str, str]:
    if score >= _GOOD:
        return "good", "good"
    return ("fair", "fair") if score >= _FAIR else ("poor", "poor")
