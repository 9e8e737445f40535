import gzip
import io
import json
import tarfile

import pytest
import zstandard

from jaxlm.errors import UserError
from jaxlm.text.conversation import render
from jaxlm.text.conversations import convert, read_conversations

SHORT = [dict(role="user", content="Q"), dict(role="assistant", content="A")]


@pytest.mark.parametrize(
    ("row", "messages", "metadata"),
    [
        (dict(messages=SHORT, metadata=dict(a=1), topic="x"), SHORT, dict(topic="x", a=1)),
        (SHORT, SHORT, {}),
        (dict(instruction="Q", input="", output="A"), SHORT, {}),
        (dict(instruction="Q", input="more", output="A"), [dict(role="user", content="Q\n\nmore"), SHORT[1]], {}),
        (
            dict(instruction="Q", context="more", response="A", category="qa"),
            [dict(role="user", content="Q\n\nmore"), SHORT[1]],
            dict(category="qa"),
        ),
        (dict(prompt="Q", completion="A"), SHORT, {}),
        (
            dict(conversations=[{"from": "human", "value": "Q"}, {"from": "gpt", "value": "A"}], system="S", id=3),
            [dict(role="system", content="S"), *SHORT],
            dict(id=3),
        ),
        (
            dict(conversations=[{"from": "function_call", "value": '{"name": "f", "arguments": {"a": 1}}'}]),
            [
                dict(
                    role="assistant",
                    content="",
                    tool_calls=[dict(type="function", function=dict(name="f", arguments=dict(a=1)))],
                )
            ],
            {},
        ),
    ],
)
def test_shapes(row, messages, metadata):
    assert convert(row) == dict(messages=messages, metadata=metadata)


def _tar(data: bytes) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        about = tarfile.TarInfo("part/rows.jsonl")
        about.size = len(data)
        archive.addfile(about, io.BytesIO(data))
    return out.getvalue()


def test_files_of_every_kind_give_the_same(tmp_path):
    import pyarrow
    from pyarrow import parquet

    rows = [dict(messages=SHORT), dict(messages=[*SHORT, *SHORT])]
    lines = "".join(json.dumps(row) + "\n\n" for row in rows).encode()
    (tmp_path / "a.jsonl").write_bytes(lines)
    (tmp_path / "b.json").write_text(json.dumps(rows))
    (tmp_path / "c.jsonl.gz").write_bytes(gzip.compress(lines))
    compress = zstandard.ZstdCompressor().compress
    (tmp_path / "d.jsonl.zst").write_bytes(compress(lines[:20]) + compress(lines[20:]))
    (tmp_path / "e.tar.zst").write_bytes(compress(_tar(lines)))
    parquet.write_table(pyarrow.Table.from_pylist(rows), tmp_path / "f.parquet")
    (tmp_path / "notes.txt").write_text("not read")
    assert list(read_conversations([tmp_path])) == [dict(row, metadata={}) for row in rows] * 6


@pytest.mark.parametrize(
    ("name", "data", "message"),
    [
        ("a.jsonl", b'{"messages": []}\n', "a.jsonl:1: a conversation is a list of messages, at least one; found []"),
        ("a.jsonl", b'\n{"messages": [}\n', "a.jsonl:2: not JSON"),
        ("a.jsonl", b'\n\n{"text": "x", "id": 1}\n', "a.jsonl:3: not a known conversation shape"),
        ("a.jsonl", b'{"text": "x", "id": 1}\n', "found text, id"),
        ("a.jsonl", b'"x"\n', "a.jsonl:1: expected an object, found str"),
        ("a.jsonl", b'{"instruction": "x", "output": 5}\n', "a.jsonl:1: message 1: content is 5: expected text"),
        ("a.jsonl", b'{"conversations": "x"}\n', "a.jsonl:1: conversations is str: expected a list"),
        ("a.json", b"[[]]", "a.json, row 1: a conversation is a list of messages"),
        ("a.json", b"\xff", "a.json: not JSON"),
        ("a.csv", b"x", "a.csv: expected a file that ends in .json, .jsonl, .parquet"),
        ("a.parquet", b"x", "a.parquet: not a parquet file"),
        ("a.json.gz", b"x", "a.json.gz: cannot be read to the end"),
        ("a.jsonl.gz", gzip.compress(b"[]" * 999)[:-9], "a.jsonl.gz: cannot be read to the end"),
        ("a.json.zst", b"x", "a.json.zst: cannot be read to the end"),
        ("a.jsonl.zst", zstandard.compress(b"[]\n" * 999)[:-3], "a.jsonl.zst: cannot be read to the end"),
        ("a.tar", _tar(b'{"id": 1}')[:520], "a.tar"),
    ],
)
def test_the_place_of_a_mistake_is_named(tmp_path, name, data, message):
    (tmp_path / name).write_bytes(data)
    with pytest.raises(UserError) as error:
        list(read_conversations([tmp_path / name]))
    assert str(tmp_path) in str(error.value) and message in str(error.value)


def test_missing_files(tmp_path):
    with pytest.raises(UserError, match="nowhere: no such file or folder"):
        list(read_conversations([tmp_path / "nowhere"]))
    with pytest.raises(UserError, match=r"no \.json, \.jsonl, \.parquet files in this folder"):
        list(read_conversations([tmp_path]))


@pytest.mark.parametrize(
    ("name", "count"),
    [
        ("codealpaca_2k.json.zst", 2017),
        ("dolly_hhrlhf_train_small.jsonl.zst", 1000),
        ("glaive_toolcall_en_demo.json.zst", 300),
        ("gpteacher_roleplay.json.zst", 1923),
        ("identity.json", 91),
        ("nanochat_identity_conversations.jsonl.zst", 996),
    ],
)
def test_real_files(real_data, tokenizer, name, count):
    conversations = list(read_conversations([real_data / "sft" / name]))
    assert len(conversations) == count
    for conversation in conversations[:30]:
        assert render(conversation["messages"], tokenizer).loss_mask.any()


@pytest.mark.slow
def test_all_of_alpaca(real_data):
    assert sum(1 for _ in read_conversations([real_data / "sft" / "alpaca_en_0-45095.tar.zst"])) == 45_095


def test_a_real_file_of_another_shape(real_data):
    with pytest.raises(UserError, match=r"oasst_en_100_tree\.jsonl\.zst:1: not a known .*found message_tree_id"):
        next(read_conversations([real_data / "sft" / "oasst_en_100_tree.jsonl.zst"]))


def test_what_a_person_rejected_and_the_journal_of_a_review_are_left_out(tmp_path):
    talk = [{"role": "user", "content": "Hi."}, {"role": "assistant", "content": "Hello."}]
    rows = [{"messages": talk, "decision": decision} for decision in ("accept", "reject", None)]
    (tmp_path / "talks.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    (tmp_path / "talks.jsonl.decisions.jsonl").write_text('{"id": 0, "decision": "accept"}\n')
    kept = list(read_conversations([tmp_path]))
    assert [row["metadata"].get("decision") for row in kept] == ["accept", None]
