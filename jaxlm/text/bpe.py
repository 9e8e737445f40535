"""SentencePiece BPE with byte fallback, made exact: every byte string has ids that decode to the very same bytes."""

import io
import re
from collections.abc import Iterable, Iterator, Sequence

from jaxlm.errors import UserError

SPACE = "\u2581"  # how SentencePiece writes a space inside a piece
FIRST_BYTE = 16  # id of byte 0: the 256 byte pieces follow the control symbols
BOUNDARY = "\ufdd0"  # a noncharacter: no piece is learnt across it

# Text with these cannot be learnt from: SentencePiece skips a whole document for one NUL or U+2585 (its marks for the
# end of a string and for an unknown), and takes U+2581 for a space.
_RESERVED = re.compile("[\0\u2581\u2585\ufdd0]+")
# What SentencePiece cannot encode exactly, in text decoded with `surrogateescape`: its space mark, and invalid bytes.
_INEXACT = re.compile("([\u2581\udc80-\udcff]+)")
_CHUNK = 1 << 15  # characters; longer "sentences" only cost memory, as pieces never span words
_THREADS = 4  # written into the model: a constant, so that the same text gives the same file on any machine


def train(documents: Iterable[str], vocab_size: int, control: tuple[str, ...]) -> bytes:
    """Learns a vocabulary and returns the serialized SentencePiece model; the same input gives the same bytes.

    Whole documents are learnt from, so that line ends and indentation get pieces of their own. No piece mixes a line
    end with anything else, nor letters with punctuation: a word has the same tokens before a full stop and at the end
    of an answer. That costs 2-4 % of the bytes per token on English text.

    Args:
        documents: texts; consumed once, held in memory by SentencePiece.
        vocab_size: number of pieces, control symbols and bytes included.
        control: control symbols in the order of their ids, of which the first four are pad, unk, bos, eos.
    Raises:
        UserError: vocab_size is too large or too small for the text, or there is no text.
    """
    import sentencepiece

    pad, unk, bos, eos, *others = control
    model, failures = io.BytesIO(), []
    try:
        sentencepiece.SentencePieceTrainer.train(
            sentence_iterator=_sentences(documents, failures),
            model_writer=model,
            model_type="bpe",
            vocab_size=vocab_size,
            byte_fallback=True,
            character_coverage=0.9995,  # the rarest characters are spelt in bytes
            normalization_rule_name="identity",
            add_dummy_prefix=False,
            remove_extra_whitespaces=False,
            allow_whitespace_only_pieces=True,  # indentation: 9-20 % fewer tokens on tables and source code
            split_digits=True,
            pretokenization_delimiter=BOUNDARY,
            max_sentencepiece_length=64,
            max_sentence_length=16 * _CHUNK,  # bytes; never reached
            num_threads=_THREADS,
            minloglevel=2,
            **dict(pad_id=0, unk_id=1, bos_id=2, eos_id=3, pad_piece=pad, unk_piece=unk, bos_piece=bos, eos_piece=eos),
            control_symbols=others,  # unlike user_defined_symbols these are never produced from text
        )
    except RuntimeError as error:
        raise (failures[0] if failures else _explained(str(error), vocab_size)) from None
    return model.getvalue()


def prune(model: bytes, counts: Sequence[int], min_count: int) -> bytes:
    """The model without the pieces that were counted less often: texts are spelt in the others instead.

    Most such pieces were merged on the way to a longer one and stand alone in a word here and there (Bostrom and
    Durrett 2020, arXiv:2004.03720). Control symbols, bytes and single characters stay. SentencePiece needs the merges
    themselves: the pieces stay in the file as unused, behind all others, so that the ids in use have no gap.

    Args:
        counts: of each id, in a text encoded with the model.
    """
    from sentencepiece import sentencepiece_model_pb2

    proto = sentencepiece_model_pb2.ModelProto.FromString(model)
    kinds = type(proto).SentencePiece
    kept, rare = [], []
    for piece, count in zip(proto.pieces, counts, strict=True):
        is_rare = piece.type == kinds.NORMAL and len(piece.piece) > 1 and count < min_count
        (rare if is_rare else kept).append(piece)
    pieces = [kinds.FromString(piece.SerializeToString()) for piece in (*kept, *rare)]
    for piece in pieces[len(kept) :]:
        piece.type = kinds.UNUSED
    del proto.pieces[:]
    proto.pieces.extend(pieces)
    return proto.SerializeToString(deterministic=True)


def _sentences(documents: Iterable[str], failures: list[Exception]) -> Iterator[str]:
    """What SentencePiece learns from. It would make mere text of an exception, hence `failures`."""
    try:
        for document in documents:
            for text in _RESERVED.split(document):
                text = text.encode("utf-8", "replace").decode()  # a lone surrogate is no text
                for start in range(0, len(text), _CHUNK):
                    yield re.sub(r"\n+", rf"{BOUNDARY}\g<0>{BOUNDARY}", text[start : start + _CHUNK])
    except Exception as error:
        failures.append(error)
        raise


def _explained(message: str, vocab_size: int) -> Exception:
    """The user's mistake in SentencePiece's message, or the message itself when it is none that we know."""
    if found := re.search(r"Please set it to a value <= (\d+)", message):
        limit = f"too large for this corpus: it has pieces for at most {found[1]}"
    elif found := re.search(r"smaller than required_chars\. \d+ vs (\d+)", message):
        limit = f"too small: control symbols, bytes and the alphabet of this corpus take {found[1]}"
    elif "!sentences_.empty()" in message:
        return UserError("the tokenizer has no text to learn from: the corpus is empty")
    else:
        return RuntimeError(f"SentencePiece: {message}")
    return UserError(f"tokenizer.vocab_size={vocab_size} is {limit}")


def load(model: bytes):
    """A SentencePieceProcessor of a serialized model."""
    import sentencepiece

    return sentencepiece.SentencePieceProcessor(model_proto=model)


def piece_bytes(processor) -> list[bytes]:
    """The bytes each id in use stands for; control symbols stand for none."""
    return [_bytes_of(processor, i) for i in range(processor.vocab_size()) if not processor.is_unused(i)]


def _bytes_of(processor, i: int) -> bytes:
    if processor.is_control(i) or processor.is_unknown(i):
        return b""
    piece = processor.id_to_piece(i)
    return bytes([int(piece[3:5], 16)]) if processor.is_byte(i) else piece.replace(SPACE, " ").encode()


def encode(processor, data: bytes) -> list[int]:
    """Ids of any bytes; those that SentencePiece would alter (invalid UTF-8, U+2581) become byte pieces."""
    text = data.decode("utf-8", "surrogateescape")
    if not _INEXACT.search(text):
        return processor.encode(text)
    ids = []
    for i, part in enumerate(_INEXACT.split(text)):
        raw = i % 2 == 1
        data = part.encode("utf-8", "surrogateescape")
        ids += [FIRST_BYTE + byte for byte in data] if raw else processor.encode(part)
    return ids


def encode_batch(processor, batch: list[bytes]) -> list[list[int]]:
    """`encode` of each, on all cores."""
    texts = [data.decode("utf-8", "surrogateescape") for data in batch]
    exact = [i for i, text in enumerate(texts) if not _INEXACT.search(text)]
    encoded = dict(zip(exact, processor.encode([texts[i] for i in exact], num_threads=-1), strict=True))
    return [encoded[i] if i in encoded else encode(processor, data) for i, data in enumerate(batch)]
