import io
import subprocess
import sys

import pytest

from jaxlm.honesty.tool_use import Policy
from jaxlm.honesty.tools import TEXT, Tool
from jaxlm.serve import chat


@pytest.fixture
def talk(run_folder, monkeypatch, capsys):
    """Runs the command with `lines` piped in; returns (exit status, stdout, stderr)."""

    def run(lines: str, *argv: str, folder=run_folder) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(lines.encode()), "utf-8"))
        status = 0
        try:
            chat.main([f"--run={folder}", *argv])
        except SystemExit as stop:
            status = stop.code
        out, err = capsys.readouterr()
        return status, out, err

    return run


def test_piped_lines_are_answered(talk):
    status, out, err = talk("hello\n/tokens\n/quit\nnever read\n", "--max_new=9", "--temperature=0")
    assert (status, err) == (0, "")
    answer, notice, header, *rows = out.splitlines()
    assert len(answer) == 9 and notice == "[stopped after --max_new=9 tokens]"
    assert header.split() == ["token", "probability", "most", "likely"]
    assert "".join(row.split()[0] for row in rows) == answer.replace(" ", "␣")
    assert all(0 < float(row.split()[1]) < 1 for row in rows)


def test_same_seed_same_talk(talk):
    one = talk("hello\nwho\n", "--seed=5", "--max_new=9")
    assert one == talk("hello\nwho\n", "--seed=5", "--max_new=9")
    assert one != talk("hello\nwho\n", "--seed=6", "--max_new=9")


def test_commands(talk):
    status, out, _ = talk(
        "/help\n/tokens\n/system we are\n/mode base\n/mode poem\n/temperature 0\n/temperature x\n/temperature -1\n"
        "/seed 4\n/seed x\n/reset\n/dance\nA\nhello world hello world hello world hello world hello world hello world "
        "hello world hello world hello world\n//\n"
    )
    assert status == 0
    for line in (
        "/quit",
        "[no answer yet]",
        "[/mode poem: expected chat or base]",
        "[/temperature x: expected a number]",
        "[sampling.temperature: expected 0 or at least 0.001, got -1.0]",
        "[/seed x: expected a number]",
        "[/dance: no such command; /help lists them]",
        "of which an answer needs 24]",
    ):
        assert line in out
    assert out.count("[done]") == 5
    assert "Traceback" not in out


@pytest.mark.parametrize(
    "argv, message",
    [
        (["--run="], "--run=DIR is missing"),
        (["--run=/nowhere/at/all"], "--run=/nowhere/at/all: no such folder"),
        (["--phase=pretrain"], "no checkpoint of the phase 'pretrain'"),
        (["--phase=dance"], "--phase=dance"),
        (["--checkpoint=8"], "no checkpoint of step 8; there are 7"),
        (["--checkpoint=first"], "--checkpoint=first: expected best, last or a step"),
        (["--mode=poem"], "--mode=poem"),
        (["--temperature=hot"], "--temperature=hot"),
        (["--temperature=-1"], "sampling.temperature: expected 0 or at least 0.001"),
        (["--top_p=2"], "sampling.top_p"),
        (["--max_new=0"], "sampling.max_new"),
        (["--seed=-1"], "sampling.seed"),
        (["--search=books"], "--search=books"),
        (["--search=index"], "search/index: no such index"),
        (["--colour"], "colour"),
        (["hello"], "unexpected argument 'hello'"),
    ],
)
def test_mistakes_are_one_line(talk, argv, message):
    status, out, err = talk("hello\n", *argv)
    assert status == 2 and out == ""
    assert err.startswith("jaxlm: error: ") and err.count("\n") == 1
    assert message in err


def test_tokenizer_of_another_run(talk, run_folder, tmp_path):
    from jaxlm.text.tokenizer import train

    train("char", ["hello world, who are they?"], 0).save(tmp_path / "tokenizer")
    (tmp_path / "finetune").symlink_to(run_folder / "finetune")
    status, _, err = talk("a\n", folder=tmp_path)
    assert status == 2 and "was trained with another tokenizer" in err


def test_escape_codes_of_the_model_do_not_reach_the_terminal(session, monkeypatch, capsys):
    from rich.console import Console

    from jaxlm.generate import Event
    from jaxlm.serve import session as session_module

    said = b"a\x1b[2Jb\tc"
    monkeypatch.setattr(session_module, "steps", lambda _: iter([Event(byte + 16, -1.0, []) for byte in said]))
    chat.answer(session, Console(), "hello")
    assert capsys.readouterr().out.startswith("a\N{REPLACEMENT CHARACTER}[2Jb\tc")


def test_ctrl_c_stops_the_answer_not_the_talk(session, monkeypatch, capsys):
    from rich.console import Console

    from jaxlm.generate import Event
    from jaxlm.serve import session as session_module

    def interrupted(_):
        yield Event(ord("a") + 16, -1.0, [])
        raise KeyboardInterrupt

    monkeypatch.setattr(session_module, "steps", interrupted)
    turn = chat.answer(session, Console(), "hello")
    assert turn.finish == "cut" and session.messages[-1]["content"] == "a"
    assert capsys.readouterr().out == "a\n[interrupted]\n"


def test_tools_are_shown_with_what_they_found(session, monkeypatch, capsys):
    from rich.console import Console

    from jaxlm.honesty.tool_use import Use
    from jaxlm.serve.session import Asked

    def reply(turn):
        turn.uses.append(Use("search", '{"query": "Ada"}', "[1] wiki/Ada\nA\x1b[2J.\n[2] web\nB", "doubt"))
        turn.uses.append(Use("calculator", '{"expression": "1+1"}', "2", "call"))
        yield "Half"
        for use in turn.uses:
            yield Asked(use.name, use.arguments, use.trigger)
            yield use
        yield "Ada [1]."
        turn.finish = "stop"

    monkeypatch.setattr(session, "reply", reply)
    turn = chat.answer(session, Console(), "hello")
    assert capsys.readouterr().out.splitlines() == [
        *("Half", '[not sure; searching: "Ada"]', "  [1] wiki/Ada", "  [2] web"),
        *('[calculator {"expression": "1+1"}]', "  2", "Ada [1]."),
    ]
    chat.command(session, Console(), "/tools", turn)
    assert "no tools; --search=index" in capsys.readouterr().out
    tool = Tool("search", "Finds pages.", dict(type="object", properties=dict(query=TEXT)), str)
    session.policy = Policy([tool], trigger="both", threshold=-2.0)
    chat.command(session, Console(), "/tools", turn)
    out = capsys.readouterr().out
    assert "search(query)  Finds pages." in out and "below -2.0]" in out.replace("; 1 times a turn at most", "")
    assert "\N{REPLACEMENT CHARACTER}[2J." in out


@pytest.mark.slow
def test_as_a_command(run_folder):
    """The reader may also leave early, as `head` does."""
    command = [sys.executable, "-m", "jaxlm.serve.chat", f"--run={run_folder}", "--max_new=5", "--temperature=0"]
    done = subprocess.run(command, input=b"hello\n\xff\n", capture_output=True, timeout=120)
    assert (done.returncode, done.stderr) == (0, b"")
    assert len(done.stdout.splitlines()[0].decode()) == 5
    helped = subprocess.run([*command, "--help"], capture_output=True, timeout=60)
    assert helped.returncode == 0 and b"--checkpoint" in helped.stdout
    shell = " ".join(command) + " | head -n 1"
    done = subprocess.run(shell, shell=True, input=b"hello\n" * 20, capture_output=True, timeout=120)
    assert (done.returncode, done.stderr) == (0, b"")
