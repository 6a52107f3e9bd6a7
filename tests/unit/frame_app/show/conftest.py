from pathlib import Path

import pytest

from tests.fakes import synthetic_library


@pytest.fixture(scope="session")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One drawn portrait; tests must not change it."""
    root = tmp_path_factory.mktemp("show")
    synthetic_library.publish_portrait(root, "anna")
    return root
