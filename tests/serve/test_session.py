import dataclasses

import pytest

from jaxlm.errors import UserError
from jaxlm.evals.subject import Subject
from jaxlm.generate import Event, generate
from jaxlm.honesty.agent import converse
from jaxlm.honesty.tool_use import Policy
from jaxlm.honesty.tools import TEXT, Tool
from jaxlm.serve import session as session_module
from jaxlm.serve.session import stop_ids
from jaxlm.text.conversation import render
from jaxlm.text.tokenizer import CALL, EOS


def script(monkeypatch, text: bytes, finish: str = "stop") -> None:
    """Makes the model say `text`."""

    def steps(decoding):
        for byte in text:
            decoding.lengths[0] += 1
            yield Event(byte + 16, -1.0, [(byte + 16, 0.4)])
        return finish

    monkeypatch.setattr(session_module, "steps", steps)


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
    script(monkeypatch, text.encode() + "🦊".encode()[:3])
    pieces = list(session.reply(session.begin("?")))
    assert pieces == [*text, "\N{REPLACEMENT CHARACTER}"]


def test_conversation_and_system_prompt_reach_the_model(session, monkeypatch):
    session.system = "Be brief."
    script(monkeypatch, b"one")
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
    script(monkeypatch, b"b" * 20)
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
    script(monkeypatch, b"short")
    assert say(session, "a")[1].finish == "stop"
    script(monkeypatch, b"x" * 16, "length")
    assert say(session, "a")[1].finish == "length"
    session.reset()
    session.sampling = dataclasses.replace(session.sampling, max_new=500)
    script(monkeypatch, b"x" * (96 - 24), "length")
    assert say(session, "a" * 20)[1].finish == "full"


def test_an_answer_cut_short_is_kept(session, monkeypatch):
    script(monkeypatch, b"abcdef")
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


QUERY = dict(type="object", properties=dict(query=TEXT), required=["query"])
TOOL = Tool("search", "Finds.", QUERY, lambda query: f"[1] wiki/{query}\nAll about it. <|end|>")
CALLED = '{"name": "search", "arguments": {"query": "Ada"}}'


@pytest.fixture
def searcher(session):
    session.cfg = dataclasses.replace(session.cfg, max_len=400)
    session.policy = Policy([TOOL], trigger="both", threshold=1.0, signal="probability")
    return session


def test_doubt_searches_and_gives_the_tokens_that_a_batch_gives(searcher):
    """The first token is doubtful: it is shown, taken back, and what follows is what evals get from `converse`."""
    system = dict(role="system", content="Be brief. Tools: search(query).")
    searcher.system = "Be brief."
    turn = searcher.begin("Ada?")
    first, asked, use, *rest = searcher.reply(turn)
    subject = Subject(searcher.params, searcher.cfg, searcher.tokenizer, tuned=True)
    settings = {name: getattr(searcher.sampling, name) for name in ("temperature", "max_new", "seed")}
    asks = [[system, *searcher.messages[:1]]] * 2
    talk = converse(subject, asks, [TOOL], trigger="both", threshold=1.0, signal="probability", **settings)[1]
    assert isinstance(first, str) and (asked.name, asked.arguments, asked.trigger) == (use.name, use.arguments, "doubt")
    assert turn.uses == [use] == talk.calls and use.result.startswith("[1] wiki/Ada?")
    assert [event.token for event in turn.events] == talk.generations[-1].tokens
    assert [system, *searcher.messages] == talk.messages and "".join(rest).strip() == talk.text.strip()


def test_a_call_is_run_and_not_shown(searcher, monkeypatch):
    def call(_):
        for token in [*searcher.tokenizer.encode(" Well. "), CALL, *searcher.tokenizer.encode(CALLED)]:
            yield Event(int(token), -1.0, [])
        return "call"

    stretches = [call, session_module.steps]
    monkeypatch.setattr(session_module, "steps", lambda decoding: stretches.pop(0)(decoding))
    searcher.policy = dataclasses.replace(searcher.policy, trigger="call")
    turn = searcher.begin("Who is Ada?")
    pieces = list(searcher.reply(turn))
    assert "".join(pieces[:6]) == "Well. " and pieces[6] == session_module.Asked("search", '{"query": "Ada"}', "call")
    assert pieces[7].result == "[1] wiki/Ada\nAll about it. <|end|>" and all(isinstance(p, str) for p in pieces[8:])
    assert [message["role"] for message in searcher.messages] == ["user", "assistant", "tool", "assistant"]
    assert turn.finish == "length" and len(turn.events) == searcher.sampling.max_new
    searcher.begin("And who is Bob?")  # renders all of it


def test_without_tools_a_call_is_left_to_whoever_asked(session, monkeypatch):
    script(monkeypatch, b"", "call")
    assert say(session, "a")[1].finish == "call"
    session.policy = Policy([TOOL], max_calls=0)
    assert say(session, "a")[1].finish == "call"
