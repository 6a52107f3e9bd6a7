import os

import pytest

from prerender.engines.native import quiet_native


def test_native_noise_is_kept_off_stderr(capfd):
    with quiet_native():
        os.write(2, b"I0000 chatter\n")
    os.write(2, b"after\n")
    assert capfd.readouterr().err == "after\n"


def test_native_noise_is_played_back_when_something_fails(capfd):
    def fail() -> None:
        os.write(2, b"F0000 the reason\n")
        raise RuntimeError("no graph")

    with pytest.raises(RuntimeError, match="no graph"), quiet_native():
        fail()
    assert "F0000 the reason" in capfd.readouterr().err
