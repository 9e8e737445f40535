"""The gate before a model in the terminal's chat and on the server: random weights, thresholds of nothing and a lot."""

import dataclasses
import io
import pathlib
import runpy
import string
import sys

import openai
import pytest

from jaxlm.evals.subject import Subject
from jaxlm.files import write_json
from jaxlm.generate import generate
from jaxlm.honesty import gate
from jaxlm.honesty.gate import ABSTENTION
from jaxlm.honesty.tool_use import Policy, stop_ids
from jaxlm.honesty.tools import TEXT, Tool, offer, specification
from jaxlm.serve import api, chat
from jaxlm.serve import model as models
from jaxlm.text.conversation import render
from jaxlm.text.tokenizer import CALL, train
from jaxlm.train.checkpoint import Checkpoints

HERE = pathlib.Path(__file__).parent
Script, served = (runpy.run_path(str(HERE / "servers.py"))[name] for name in ("Script", "served"))
ByteTokenizer, tiny = (runpy.run_path(str(HERE / "conftest.py"))[name] for name in ("ByteTokenizer", "tiny"))

ASKED = "Who is Ada Moss?"
FREE = ("hello", "How are you?", "Count to ten.", "May I ask?")
QUERY = dict(type="object", properties=dict(query=TEXT), required=["query"])
SEARCH = Tool("search", "Finds.", QUERY, lambda query: f"[1] wiki/{query}\nAll about it.")


@pytest.fixture(scope="module")
def gated_run(tmp_path_factory):
    """Makes a run folder whose probe chose a threshold; None: no probe."""
    shared = tmp_path_factory.mktemp("shared")
    tokenizer = train("char", [string.ascii_letters + " .,?'"], 0)
    params, cfg = tiny(tokenizer.vocab_size)
    checkpoints = Checkpoints(shared / "checkpoints")
    checkpoints.save(7, {"params": params}, {"model": cfg.to_dict(), "tokenizer": tokenizer.hash})
    checkpoints.wait()
    checkpoints.close()

    def make(threshold: float | None) -> pathlib.Path:
        run = tmp_path_factory.mktemp("run")
        tokenizer.save(run / "tokenizer")
        for phase in ("pretrain", "finetune"):
            (run / phase).symlink_to(shared)
        if threshold is not None:
            write_json(run / "probe" / "summary.json", {"result": {"gate": {"threshold": threshold}}})
        return run

    return make


@pytest.fixture
def talk(monkeypatch, capsys):
    """Runs the command with `lines` piped in; returns the lines that it prints."""

    def run(folder: pathlib.Path, lines: tuple[str, ...], *argv: str) -> list[str]:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO("\n".join(lines).encode()), "utf-8"))
        chat.main([f"--run={folder}", "--max_new=5", *argv])
        return capsys.readouterr().out.splitlines()

    return run


def test_chat_refuses_names_that_are_too_new_and_nothing_else(gated_run, talk):
    run, said = gated_run(0.0), f"[{chat.NOTICES['gate']}]"
    shown = talk(run, (ASKED, "/tokens", *FREE), "--gate")
    assert shown[:3] == [ABSTENTION, said, said] and len(shown) > 3
    assert ABSTENTION not in shown[3:] and said not in shown[3:]
    assert ABSTENTION not in talk(run, (ASKED,))
    assert ABSTENTION not in talk(gated_run(1e6), (ASKED,), "--gate")


def test_without_a_threshold_or_a_chat_there_is_no_gate(gated_run, talk, capsys):
    run, probed = gated_run(None), gated_run(0.0)
    for start, message in (
        (lambda: talk(run, (), "--gate"), "the phase 'probe' has not finished here"),
        (lambda: talk(probed, (), "--gate", "--mode=base"), "--gate: it stands before answers in chat"),
        (lambda: api.main([f"--run={run}", "--port=0", "--gate"]), "the phase 'probe' has not finished here"),
        (lambda: api.main([f"--run={probed}", "--port=0", "--gate", "--phase=pretrain"]), "--gate: it stands before"),
    ):
        with pytest.raises(SystemExit):
            start()
        err = capsys.readouterr().err
        assert err.startswith("jaxlm: error: ") and err.count("\n") == 1 and message in err


@pytest.fixture
def gated(session):
    """A session with room to search, behind a gate that lets no name through."""
    session.cfg = dataclasses.replace(session.cfg, max_len=512)
    subject = Subject(session.params, session.cfg, session.tokenizer, tuned=False)
    session.gate = lambda messages: gate.Gate(subject, 0.0).stops([messages])[0]
    return session


def test_a_refusal_is_a_turn_and_asking_again_is_no_way_around(gated):
    for _ in range(2):
        turn = gated.begin(ASKED)
        assert list(gated.reply(turn)) == [ABSTENTION]
        assert (turn.finish, turn.events) == ("gate", [])
    assert [message["role"] for message in gated.messages] == ["user", "assistant"] * 2
    turn = gated.begin(f"{ASKED}\nUse this text: Ada Moss is a poet.")
    assert turn.prompt == render(gated.messages, gated.tokenizer, generation=True).ids.tolist()
    assert ABSTENTION not in "".join(gated.reply(turn)) and turn.finish == "length"
    gated.mode = "base"
    assert ABSTENTION not in "".join(gated.reply(gated.begin(ASKED)))


def test_a_search_comes_before_the_first_word_and_the_answer_reads_it(gated):
    gated.policy = Policy([SEARCH], max_calls=1)
    turn = gated.begin(ASKED)
    asked, use, *said = gated.reply(turn)
    assert (asked.trigger, use.trigger, use.name) == ("surprise", "surprise", "search") and turn.uses == [use]
    assert use.result == f"[1] wiki/{ASKED}\nAll about it."
    assert [message["role"] for message in gated.messages] == ["user", "assistant", "tool", "assistant"]
    system = dict(role="system", content=offer(specification([SEARCH])))
    read = render([system, *gated.messages[:3]], gated.tokenizer, generation=True).ids.tolist()
    request = dataclasses.replace(gated.sampling, stop=stop_ids(gated.tokenizer), call=CALL)
    (want,) = generate(gated.params, gated.cfg, [read], request)
    assert [event.token for event in turn.events] == want.tokens and len(said) > 0
    for policy in (Policy([SEARCH], max_calls=0), Policy([dataclasses.replace(SEARCH, name="other")])):
        gated.reset()
        gated.policy = policy
        assert list(gated.reply(gated.begin(ASKED))) == [ABSTENTION]


def test_the_server_says_who_answered(gated_run):
    model = models.load(gated_run(0.0), "finetune", "best", gate=True)
    with served(model) as url, openai.OpenAI(base_url=url, api_key="-") as client:

        def ask(*texts: str, **more):
            messages = [
                {"role": "assistant" if number % 2 else "user", "content": text} for number, text in enumerate(texts)
            ]
            return client.chat.completions.create(
                model=model.name, messages=messages, max_tokens=3, temperature=0, **more
            )

        reply = ask(ASKED, n=2, logprobs=True, stop=["Could"])
        for choice in reply.choices:
            assert (choice.message.content, choice.finish_reason) == (ABSTENTION.split("Could")[0], "stop")
            assert choice.answered_by == "gate" and choice.logprobs.content == []
        assert reply.usage.completion_tokens == 0 < reply.usage.prompt_tokens
        (chunk,) = ask(ASKED, stream=True)
        assert chunk.choices[0].delta.content == ABSTENTION and chunk.choices[0].delta.role == "assistant"
        assert (chunk.choices[0].finish_reason, chunk.choices[0].answered_by) == ("stop", "gate")
        assert ask(ASKED, ABSTENTION, ASKED).choices[0].answered_by == "gate"
        for free in (ask(FREE[0]), ask(ASKED, ABSTENTION, FREE[2]), ask(ASKED, ABSTENTION)):
            assert free.usage.completion_tokens == 3 and not hasattr(free.choices[0], "answered_by")


def test_a_client_with_tools_is_not_refused(gated_run):
    tokenizer = ByteTokenizer()
    script = Script(tokenizer, tokenizer.encode(" A poet.").tolist())
    model = dataclasses.replace(script.model(), gate=lambda messages: True)
    tool = {"type": "function", "function": {"name": "search", "parameters": {"type": "object"}}}
    request = dict(model="script", messages=[{"role": "user", "content": ASKED}], tools=[tool])
    with served(model) as url, openai.OpenAI(base_url=url, api_key="-") as client:
        assert client.chat.completions.create(**request).choices[0].message.content == "A poet."
        refused = client.chat.completions.create(**request, tool_choice="none").choices[0]
        assert refused.message.content == ABSTENTION and len(script.prompts) == 1
