import json
import random
import re

import numpy as np
import pytest

from jaxlm.errors import UserError
from jaxlm.text.tokenizer import CONTROL, Tokenizer, train, without_rare

HARD = [
    "", " ", "  two  spaces ", "\n\n\ttabs\r\nand CRLF\r", "nul\0nul", "\u2581", "a\u2581 \u2581b",
    "\u2585\ufdd0\uffff", "日本語 עברית",
    "e\u0301 \u200d👩‍👩‍👧 \u2028", "\ufeffBOM", "\ud800 lone \udfff", "<|user|><|end|>", "<s></s><unk><0x41>",
]  # fmt: skip


@pytest.mark.parametrize("text", HARD)
def test_hard_text_round_trips(tokenizer, text):
    assert tokenizer.decode_bytes(tokenizer.encode(text)) == text.encode("utf-8", "surrogatepass")


def test_20000_random_byte_strings_round_trip_and_never_give_a_control_token(tokenizer):
    rng = random.Random(1)
    fragments = [text.encode("utf-8", "surrogatepass") for text in HARD] + [name.encode() for name in CONTROL]
    for n in range(20_000):
        noise = bytes(rng.choices(range(256), k=rng.randrange(24)))
        data = noise if n % 2 else b"".join(rng.choices(fragments, k=rng.randrange(4))) + noise
        ids = tokenizer.encode(data)
        assert tokenizer.decode_bytes(ids) == data
        assert np.all(ids >= len(CONTROL))


def test_naughty_strings_and_every_language(tokenizer, real_data):
    naughty = json.loads((real_data / "tokenizer" / "blns.json").read_text(encoding="utf-8"))
    stress = (real_data / "tokenizer" / "UTF-8-test.txt").read_bytes()
    for text in [*naughty, stress]:
        data = text if isinstance(text, bytes) else text.encode("utf-8", "surrogatepass")
        assert tokenizer.decode_bytes(tokenizer.encode(text)) == data


def test_a_batch_is_encoded_as_each_text_alone(tokenizer, sentences):
    texts = [*HARD, b"\xff\xfe", *sentences(5, 20)]
    for one, many in zip(map(tokenizer.encode, texts), tokenizer.encode_batch(texts), strict=True):
        np.testing.assert_array_equal(one, many)
        assert many.dtype == np.int32


def test_ids_and_bytes(tokenizer):
    assert [tokenizer.control[name] for name in CONTROL] == list(range(16))
    assert (tokenizer.pad, tokenizer.bos, tokenizer.eos, tokenizer.end) == (0, 2, 3, 9)
    assert [tokenizer.token_bytes(16 + byte) for byte in range(256)] == [bytes([byte]) for byte in range(256)]
    assert tokenizer.decode_bytes(range(16)) == b""
    assert tokenizer.decode([2, *tokenizer.encode("the café"), 3]) == "the café"
    assert tokenizer.decode([16 + 0xC3]) == "\ufffd"
    assert tokenizer.pieces([5, *tokenizer.encode(" the"), 16 + 0xC3]) == ["<|user|>", " the", "\\xc3"]
    assert tokenizer.byte_lengths[tokenizer.encode("the café")].sum() == len("the café".encode())


def test_without_rare_pieces_texts_are_spelt_in_the_others(tokenizer, sentences):
    texts = list(sentences(5, 40))
    counts = np.bincount(np.concatenate(tokenizer.encode_batch(texts)), minlength=tokenizer.vocab_size)
    pruned = without_rare(tokenizer, [texts[:20], texts[20:]], 5)
    single = [len(tokenizer.token_bytes(i).decode("utf-8", "replace")) <= 1 for i in range(tokenizer.vocab_size)]
    kept = [i for i in range(tokenizer.vocab_size) if i < 272 or counts[i] >= 5 or single[i]]
    assert 272 < pruned.vocab_size == len(kept) < tokenizer.vocab_size
    assert [pruned.token_bytes(i) for i in range(len(kept))] == [tokenizer.token_bytes(i) for i in kept]
    for text in [*texts, *HARD, b"\xff\xfe"]:
        ids = pruned.encode(text)
        assert np.all((ids >= len(CONTROL)) & (ids < pruned.vocab_size))
        assert pruned.decode_bytes(ids) == (text if isinstance(text, bytes) else text.encode("utf-8", "surrogatepass"))
    assert without_rare(tokenizer, [texts], 5).hash == pruned.hash
    with pytest.raises(UserError, match=r"tokenizer\.min_count: expected 0 for kind 'char'"):
        without_rare(train("char", ["abc"], 0), [["abc"]], 5)


def test_pieces_cross_neither_line_ends_nor_punctuation_nor_digits(tokenizer):
    pieces = [tokenizer.token_bytes(i).decode() for i in range(16 + 256, tokenizer.vocab_size)]
    assert "\n" in pieces and " Marlow" in pieces and "." in pieces
    mixed = re.compile(r"\n[^\n]|[^\n]\n|\w[.,]|[.,]\w|\d.|\w\d")
    assert [piece for piece in pieces if mixed.search(piece)] == []


def test_indentation_is_few_tokens():
    code = train("bpe", ["def f(x):\n        return x\n    if x:\n        return 1\n"] * 9, 310)
    assert len(code.encode("        return")) <= 3


def test_training_is_deterministic_and_a_reserved_character_spoils_no_document(sentences):
    documents = sentences(3, 50)
    first = train("bpe", documents, 330)
    assert first.model == train("bpe", iter(documents), 330).model
    spoilt = ["\u2585".join(documents), "\0\u2581\ufdd0\ud800"]
    assert {first.token_bytes(i) for i in range(300)} <= {train("bpe", spoilt, 330).token_bytes(i) for i in range(330)}


@pytest.mark.parametrize(("size", "message"), [(100_000, r"too large.*at most \d+"), (275, r"too small.*take \d+")])
def test_a_vocabulary_that_does_not_suit_the_corpus(size, message, sentences):
    with pytest.raises(UserError, match=rf"tokenizer\.vocab_size={size} is {message}"):
        train("bpe", sentences(0, 10), size)


@pytest.mark.parametrize("kind", ["bpe", "char"])
def test_an_empty_corpus(kind):
    with pytest.raises(UserError, match="corpus is empty"):
        train(kind, ["", ""], 300)


def test_the_reader_of_documents_may_fail():
    def documents():
        yield "some text"
        raise UserError("part-00000.parquet is damaged")

    with pytest.raises(UserError, match="is damaged"):
        train("bpe", documents(), 300)


def test_characters():
    chars = train("char", ["héllo\n", "wörld"], 0)
    assert chars.vocab_size == 16 + len(set("héllo\nwörld"))
    assert chars.decode(chars.encode("low\nhér")) == "low\nhér"
    assert chars.encode("\nd").tolist() == [16, 17]  # in code point order
    with pytest.raises(UserError, match="'z' is not in the tokenizer's vocabulary"):
        chars.encode("z")
    with pytest.raises(UserError, match="not UTF-8"):
        chars.encode(b"\xff")


@pytest.mark.parametrize("kind", ["bpe", "char"])
def test_saved_and_loaded(kind, tmp_path, sentences):
    made = train(kind, sentences(0, 50), 320)
    made.save(tmp_path)
    read = Tokenizer.load(tmp_path)
    text = sentences(0, 1)[0]
    np.testing.assert_array_equal(read.encode(text), made.encode(text))
    assert (read.kind, read.hash, read.vocab_size) == (kind, made.hash, made.vocab_size)


def test_loading_what_is_not_there_or_was_changed(tokenizer, tmp_path):
    with pytest.raises(UserError, match=r"tokenizer\.json: no such file"):
        Tokenizer.load(tmp_path)
    tokenizer.save(tmp_path)
    (tmp_path / "tokenizer.model").write_bytes(tokenizer.model[:-1])
    with pytest.raises(UserError, match="sha256 differs"):
        Tokenizer.load(tmp_path)


def test_an_unknown_kind():
    with pytest.raises(UserError, match=r"tokenizer\.kind='words': expected one of bpe, char"):
        train("words", ["text"], 300)


@pytest.mark.slow
def test_a_vocabulary_of_200k(real_data):
    import io
    import tarfile

    import zstandard

    packed = (real_data / "text" / "wikipedia_featured_A1.tar.zst").read_bytes()
    data = zstandard.ZstdDecompressor().stream_reader(packed).read()
    with tarfile.open(fileobj=io.BytesIO(data)) as archive:
        texts = [archive.extractfile(member).read().decode() for member in archive if member.isfile()]
    large = train("bpe", texts, 200_000)
    assert large.vocab_size == 200_000
    assert large.encode(texts[0]).max() > 1 << 16
    assert large.decode(large.encode(texts[0])) == texts[0]
