"""Portraits with faces, and one engine of each kind for all tests of this folder."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from frame_app.base.arrays import ImageU8
from prerender.engines.base import Face
from prerender.engines.builtin_faces import BuiltinFaces
from prerender.engines.neural.workbench import Compute
from tests.fakes.shelf import HEIGHT, WIDTH, Shelf
from tests.fakes.weights import WeightsFolder

_ROOT = Path(__file__).parents[4]
_SHARED = _ROOT.parent / "shared" / "data"


def open_picture(path: Path) -> ImageU8:
    return np.asarray(Image.open(path).convert("RGB"), np.uint8)


@pytest.fixture(scope="session", autouse=True)
def one_thread() -> Iterator[None]:
    """Networks as small as these gain nothing by a second thread, and lose much to a busy core.

    Measured beside nine other jobs on two cores: one test of GFPGAN 30 s with two, 2 s with one.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Compute, "thread_count", property(lambda compute: compute.threads or 1))
        yield


@pytest.fixture(scope="session")
def demo() -> ImageU8:
    """The portrait that ships with the product, 512 x 512."""
    return open_picture(_ROOT / "assets" / "demo" / "astronaut.png")


@pytest.fixture(scope="session")
def portraits() -> dict[str, ImageU8]:
    """Paintings and an old photograph."""
    folder = _SHARED / "portraits"
    if not folder.is_dir():
        pytest.skip("test portraits are not beside this checkout (../shared/data)")
    return {path.stem: open_picture(path) for path in sorted(folder.glob("*.jpg"))}


@pytest.fixture(scope="session")
def landmarker_task() -> Path:
    """An independent judge of faces."""
    path = _SHARED / "models" / "face_landmarker.task"
    if not path.is_file():
        pytest.skip("face_landmarker.task is not beside this checkout (../shared/data)")
    return path


@pytest.fixture(scope="session")
def finder() -> Iterator[BuiltinFaces]:
    with BuiltinFaces() as engine:
        yield engine


@pytest.fixture(scope="session")
def demo_faces(finder: BuiltinFaces, demo: ImageU8) -> tuple[Face, ...]:
    return finder.find(demo)


@pytest.fixture(scope="session")
def photo(demo: ImageU8) -> ImageU8:
    """The demo portrait, cut and small."""
    small = Image.fromarray(demo[:480, 60:456]).resize((WIDTH, HEIGHT), Image.Resampling.LANCZOS)
    return np.asarray(small, np.uint8)


@pytest.fixture(scope="session")
def faces(photo: ImageU8, finder: BuiltinFaces) -> tuple[Face, ...]:
    found = finder.find(photo)
    assert len(found) == 1
    return found


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Homes with tiny weights, one an engine, made when first needed."""
    return tmp_path_factory.mktemp("built")


@pytest.fixture
def shelf(tmp_path: Path, built: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Shelf]:
    """Engines of an empty folder of weights."""
    home = tmp_path / "home"
    home.mkdir()
    WeightsFolder.at(home, monkeypatch)
    shelf = Shelf(home, built)
    with shelf.registry:
        yield shelf
