"""What an independent eye reads from the decoded clips of every test portrait."""

import os
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from prerender.media.image import load_rgb
from tests.bench.faces import CLIPS, ORIGINALS, TOPICS, read_portrait
from tests.bench.figures import Figure, Report, prerender
from tests.fakes.sitter import ASTRONAUT, JUDGE, MONA_LISA, PEARL_EARRING, SHARED
from tests.fakes.variants import VARIANTS

pytestmark = [
    pytest.mark.bench,
    pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::UserWarning"),
]

PORTRAITS = SHARED / "portraits"
WHOLE = {
    "astronaut": ASTRONAUT,
    "mona-lisa": MONA_LISA,
    "pearl-earring": PEARL_EARRING,
    "bouguereau": PORTRAITS / "bouguereau-girl-reading.jpg",
    "einstein": PORTRAITS / "einstein-1904.jpg",
}
NAMES = (*WHOLE, *VARIANTS)
SIZE = "upscale.max_side_px=1350"  # what most frames show; no figure gains from more
Readings = Callable[[str, str], list[Figure]]


@pytest.fixture(scope="module")
def workplace(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Holds a library of the chosen portraits, at the rate that families see.

    Fewer frames a second would tremble more, and the gate would render them more gently.
    """
    if not JUDGE.is_file():
        pytest.skip(f"{JUDGE.name} is not beside this checkout")
    workplace, photos = tmp_path_factory.mktemp("faces"), []
    for name in _chosen(request):
        path, change = VARIANTS[name] if name in VARIANTS else (WHOLE[name], np.copy)
        if path.is_file():
            photos.append(workplace / f"{name}.png")
            Image.fromarray(np.asarray(change(load_rgb(path)))).save(photos[-1])
    recipe = workplace / "recipe.toml"
    recipe.write_text(f'description = "read back"\nclips = {list(CLIPS)}\n', "utf-8")
    prerender(workplace, "run", *map(str, photos), "--recipe", str(recipe), "--set", SIZE)
    return workplace


@pytest.fixture(scope="module")
def readings(request: pytest.FixtureRequest, workplace: Path) -> Iterator[Readings]:
    """Figures of a topic and a portrait; all cores read, while the tests wait for their turn."""
    with ProcessPoolExecutor(os.cpu_count(), get_context("spawn")) as pool:
        wanted = [(topic, name) for name in _chosen(request) for topic in TOPICS]
        found: dict[tuple[str, str], Future[list[Figure]]] = {
            (topic, name): pool.submit(read_portrait, topic, workplace / "library", name)
            for topic, name in wanted
            if (workplace / f"{name}.png").is_file()
        }

        def figures(topic: str, name: str) -> list[Figure]:
            if (topic, name) not in found:
                pytest.skip(f"the picture of {name} is not beside this checkout")
            return found[topic, name].result()

        yield figures


@pytest.mark.parametrize("topic", TOPICS)
@pytest.mark.parametrize("portrait", NAMES)
def test_the_judge_reads(portrait: str, topic: str, readings: Readings, report: Report) -> None:
    for found in readings(topic, portrait):
        report(found.what, found.value, found.limit, found.unit, at_least=found.is_at_least)


def _chosen(request: pytest.FixtureRequest) -> list[str]:
    """Portraits whose tests were selected, and their originals: `-k einstein` renders one only."""
    items = [item for item in request.session.items if isinstance(item, pytest.Function)]
    chosen = {item.callspec.params.get("portrait") for item in items if hasattr(item, "callspec")}
    wanted = chosen | {whole for name, whole in ORIGINALS.items() if name in chosen}
    return [name for name in NAMES if name in wanted]
