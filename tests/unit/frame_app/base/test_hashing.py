from pathlib import Path

import pytest

from frame_app.base.hashing import bytes_sha256, file_sha256, key_of


def test_a_file_hashes_like_its_bytes(tmp_path: Path) -> None:
    data = bytes(range(256)) * 9000  # more than one chunk
    path = tmp_path / "file"
    path.write_bytes(data)
    assert file_sha256(path) == bytes_sha256(data)


def test_the_hash_is_sha256() -> None:
    # FIPS 180-2, appendix B.1
    assert bytes_sha256(b"abc") == (
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    )


def test_the_order_of_parts_does_not_matter_but_tag_and_values_do() -> None:
    key = key_of("depth", {"a": 1, "b": [1.5, "x"]})
    assert key == key_of("depth", {"b": (1.5, "x"), "a": 1})
    assert key != key_of("matte", {"a": 1, "b": [1.5, "x"]})
    assert key != key_of("depth", {"a": 1, "b": [1.5, "y"]})


def test_a_number_that_is_none_has_no_key() -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        key_of("depth", {"gamma": float("nan")})
