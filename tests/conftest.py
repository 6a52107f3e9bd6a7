"""What holds for every test: nobody's own reports, weights or settings are touched or used."""

from collections.abc import Iterator

import pytest


@pytest.fixture(scope="session", autouse=True)
def state(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """State and data of both programs lie in folders of this session, for child processes too."""
    with pytest.MonkeyPatch.context() as patch:
        for kind in ("STATE", "DATA"):
            patch.setenv(f"XDG_{kind}_HOME", str(tmp_path_factory.mktemp(kind.lower())))
        yield
