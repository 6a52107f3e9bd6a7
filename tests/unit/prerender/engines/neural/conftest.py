"""A user's folder of weights for each test, and the demo's faces."""

from pathlib import Path

import pytest

from tests.fakes.weights import WeightsFolder


@pytest.fixture
def weights(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> WeightsFolder:
    """Empty, with state and settings of its own."""
    return WeightsFolder.at(tmp_path / "home", monkeypatch)
