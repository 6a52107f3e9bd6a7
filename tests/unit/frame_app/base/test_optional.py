import sys
from pathlib import Path

import pytest

from frame_app.base.errors import MissingExtraError
from frame_app.base.optional import require


def test_an_absent_library_names_the_extra_that_brings_it() -> None:
    with pytest.raises(
        MissingExtraError, match=r"pip install 'portrait-frame\[neural\]'"
    ) as caught:
        require("no_such_library", extra="neural")
    assert caught.value.exit_code == 3


def test_a_library_that_is_there_is_given(monkeypatch: pytest.MonkeyPatch) -> None:
    assert require("json").dumps([1]) == "[1]"


def test_a_library_that_breaks_on_import_is_not_called_absent(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "broken_library.py").write_text("import a_dependency_that_is_gone\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.delitem(sys.modules, "broken_library", raising=False)
    with pytest.raises(ModuleNotFoundError, match="a_dependency_that_is_gone"):
        require("broken_library")
