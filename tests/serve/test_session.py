import dataclasses

import pytest

from jaxlm.errors import UserError
from jaxlm.generate import Event, generate
from jaxlm.serve import session as session_module
from jaxlm.serve.session import stop_ids
from jaxlm.text.conversation import render
from jaxlm.text.tokenizer import CALL, EOS


def script(monkeypatch, text: bytes, session) -> None:
    """Makes the model say `text`."""
    ids = [byte + 16 for byte in text]
    monkeypatch.setattr(session_module, "stream", lambda *_: iter([Event(i, -1.0, [(i, 0.4)]) for i in ids]))


def say(session, text: str) -> tuple[str, session_module.Turn]:
    turn = session.begin(text)
    return "".join(session.reply(turn)), turn


def test_text_is_what_the_model_samples(session):
    """Random bytes: pieces arrive whole, and together are the decoded answer."""
    answer, turn = say(session, "hello")
    prompt = render([dict(role="user", content="hello")], session.tokenizer, generation=True).ids.tolist()
    assert turn.prompt == prompt
    request = dataclasses.replace(session.sampling, stop=stop_ids(session.tokenizer))
    (want,) = generate(session.params, session.cfg, [prompt], request)
    assert [event.token for event in turn.events] == want.tokens
    assert answer == session.tokenizer.decode(want.tokens)
    assert "\N{REPLACEMENT CHARACTER}" in answer
    assert session.messages[-1] == dict(role="assistant", content=answer)


def test_half_a_character_is_never_shown(session, monkeypatch):
    text = "né 🦊, 水"
    script(monkeypatch, text.encode() + "🦊".encode()[:3], session)
    pieces = list(session.reply(session.begin("?")))
    assert pieces == [*text, "\N{REPLACEMENT CHARACTER}"]


def test_conversation_and_system_prompt_reach_the_model(session, monkeypatch):
    session.system = "Be brief."
    script(monkeypatch, b"one", session)
    say(session, "first")
    _, turn = say(session, "second")
    messages = [
        dict(role="system", content="Be brief."),
        dict(role="user", content="first"),
        dict(role="assistant", content="one"),
        dict(role="user", content="second"),
    ]
    assert turn.prompt == render(messages, session.tokenizer, generation=True).ids.tolist()


def test_oldest_exchanges_make_room(session, monkeypatch):
    session.system = "S" * 10
    script(monkeypatch, b"b" * 20, session)
    dropped = []
    for _ in range(4):
        _, turn = say(session, "a" * 15)
        dropped.append(turn.dropped)
        assert len(turn.prompt) <= session.cfg.max_len - session.sampling.max_new
    assert dropped == [0, 0, 2, 2]  # BOS + 12 of the system + n * (17 + 22) tokens, 80 of them at most
    assert session.messages[0]["role"] == "user"
    system = render([dict(role="system", content=session.system)], session.tokenizer).ids[:-1].tolist()
    assert turn.prompt[: len(system)] == system


@pytest.mark.parametrize("mode", ["chat", "base"])
def test_a_text_that_cannot_fit_changes_nothing(session, mode):
    session.mode = mode
    session.messages = [dict(role="user", content="a"), dict(role="assistant", content="b")]
    before = list(session.messages)
    with pytest.raises(UserError, match=r"takes 1\d\d tokens; the model holds 96, of which an answer needs 16"):
        session.begin("x" * 100)
    assert session.messages == before


def test_base_mode_continues_the_text_alone(session):
    session.mode = "base"
    session.messages = [dict(role="user", content="a"), dict(role="assistant", content="b")]
    _, turn = say(session, "ab")
    assert turn.prompt == [session.tokenizer.bos, ord("a") + 16, ord("b") + 16]
    assert len(session.messages) == 2


def test_finish_says_why(session, monkeypatch):
    script(monkeypatch, b"short", session)
    assert say(session, "a")[1].finish == "stop"
    script(monkeypatch, b"x" * 16, session)
    assert say(session, "a")[1].finish == "length"
    session.reset()
    session.sampling = dataclasses.replace(session.sampling, max_new=500)
    script(monkeypatch, b"x" * (96 - 24), session)
    assert say(session, "a" * 20)[1].finish == "full"


def test_an_answer_cut_short_is_kept(session, monkeypatch):
    script(monkeypatch, b"abcdef", session)
    turn = session.begin("hello")
    reply = session.reply(turn)
    assert next(reply) + next(reply) == "ab"
    reply.close()
    assert turn.finish == "cut"
    assert session.messages[-1] == dict(role="assistant", content="ab")


def test_seeds_repeat_a_talk_and_change_with_the_turn(session):
    first, second = say(session, "a")[0], say(session, "a")[0]
    session.mode = "base"
    base = [say(session, "a")[0] for _ in range(2)]
    session.mode = "chat"
    session.reset()
    assert [say(session, "a")[0], say(session, "a")[0]] == [first, second]
    assert base[0] != base[1]
    session.reset()
    session.set_seed(4)
    assert say(session, "a")[0] != first


def test_all_control_symbols_but_a_call_end_an_answer(session):
    assert EOS in stop_ids(session.tokenizer) and CALL not in stop_ids(session.tokenizer)
    assert len(stop_ids(session.tokenizer)) == 15
