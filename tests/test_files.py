import pathlib

import numpy as np
import pytest

from jaxlm import files
from jaxlm.errors import UserError


def test_a_failed_write_leaves_the_old_file_and_nothing_else(tmp_path):
    path = tmp_path / "deep" / "a.txt"
    files.atomic_write(path, "old")
    with pytest.raises(ZeroDivisionError), files.atomic_path(path) as temporary:
        temporary.write_text("half of the n")
        1 / 0  # noqa: B018
    assert path.read_text() == "old"
    assert list(path.parent.iterdir()) == [path]


def test_what_a_killed_writer_left_is_overwritten(tmp_path):
    with files.atomic_path(tmp_path / "a.bin") as temporary:
        temporary.write_bytes(b"1")
    temporary.write_bytes(b"left by a kill, and longer")
    files.atomic_write(tmp_path / "a.bin", b"22")
    assert (tmp_path / "a.bin").read_bytes() == b"22"
    assert not temporary.exists()


def test_json_takes_arrays_and_paths_and_turns_what_json_lacks_into_null(tmp_path):
    path = tmp_path / "a.json"
    files.write_json(path, {"a": np.float32(0.5), "b": np.arange(3), "c": [np.nan, float("inf"), 1.5], "d": tmp_path})
    assert files.read_json(path) == {"a": 0.5, "b": [0, 1, 2], "c": [None, None, 1.5], "d": str(tmp_path)}
    with pytest.raises(TypeError, match="set cannot be written"):
        files.write_json(path, {"a": {1}})


def test_jsonl_round_trip_and_append(tmp_path):
    path = tmp_path / "a.jsonl"
    rows = [{"text": "line\nbreak \u2028 ü"}, {"n": 1}]
    assert files.write_jsonl(path, iter(rows)) == 2
    files.append_jsonl(path, {"n": 2})
    assert list(files.read_jsonl(path)) == [*rows, {"n": 2}]


@pytest.mark.parametrize(
    ("content", "message"),
    [(b'{"a": 1}\n\n{"a": \n', "a.jsonl:3: not JSON"), (b"[1]\n", "a.jsonl:1: expected a JSON object, found list"),
     (b'{"a": 1}\n\xff\n', "a.jsonl:2: not JSON")],
)  # fmt: skip
def test_malformed_jsonl_names_file_and_line(tmp_path, content, message):
    path = tmp_path / "a.jsonl"
    path.write_bytes(content)
    with pytest.raises(UserError, match=message):
        list(files.read_jsonl(path))


@pytest.mark.parametrize("read", [files.read_json, lambda path: list(files.read_jsonl(path))])
def test_a_missing_file_is_named(read):
    with pytest.raises(UserError, match=r"nowhere\.json: no such file"):
        read(pathlib.Path("nowhere.json"))
