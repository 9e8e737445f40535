"""Talks to a checkpoint in the terminal: `python -m jaxlm.serve.chat --run=DIR`.

Also reads from a pipe: `printf 'Who are you?\n/tokens\n' | python -m jaxlm.serve.chat --run=DIR`.
"""

import contextlib
import dataclasses
import json
import math
import os
import pathlib
import re
import sys
from collections.abc import Iterator

from absl import flags

from jaxlm import runtime
from jaxlm.errors import UserError, one_line

USAGE = """\
usage: python -m jaxlm.serve.chat --run=DIR [--phase=finetune|...] [--checkpoint=best|last|STEP] [--mode=chat|base]
                                  [--search=index|brave|tavily|searxng [--doubt=-2]] [--gate]

Talks to a checkpoint of a run, word by word as it is sampled. /help in the talk lists its commands. With --gate it does
not answer questions about names that are too new to it: it searches for them with --search, else says it is not sure.
"""
COMMANDS = """\
/tokens             the last answer's tokens, their probabilities and what else was likely
/tools              what the model may use to look things up, and what it used for the last answer
/system TEXT        set the system prompt (nothing: remove it) and start anew
/mode chat|base     talk, or let the model continue texts
/temperature X      0 takes the most likely token each time
/seed N             start the random numbers anew
/reset              forget the conversation
/help, /quit
//TEXT              say TEXT with a slash in front"""
NOTICES = {
    "length": "stopped after --max_new={max_new} tokens",
    "full": "the context is full: the model holds {max_len} tokens",
    "cut": "interrupted",
    "call": "it called a tool that it may not use; --search and --max_calls allow it to",
    "gate": "said by the gate: a name in the question is too new to the model",
}
CONTROL_CHARACTERS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")  # models may sample escape codes; not tab, newline
SOURCE = re.compile(r"^\[\d+\] .+$", re.MULTILINE)  # of each passage, in what a search returns
REASONS = {"doubt": "not sure; ", "surprise": "a name is new to it; "}  # for a search that the model did not ask for
SHADES = ((0.75, "green"), (0.4, "yellow"), (0.1, "dark_orange"), (0.0, "red"))  # from this probability on


def main(argv: list[str] | None = None) -> None:
    """The command line. A user's mistake is one line on stderr and status 2."""
    for file in (sys.stdin, sys.stdout):
        file.reconfigure(errors="replace")
    try:
        with one_line():
            options = parse(sys.argv[1:] if argv is None else argv)
            if options is not None:
                runtime.configure()
                talk(open_session(options), interactive=sys.stdin.isatty())
    except BrokenPipeError:  # the reader of our output has gone; python's own flush at exit must not fail on it
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def parse(argv: list[str]) -> flags.FlagValues | None:
    """Reads the command line; None when it asked for help, which is printed. Raises UserError for a bad flag."""
    values = _define()
    if {"--help", "-help", "-h"} & set(argv):
        print(f"{USAGE}\nflags:{values.module_help(__name__)}")
        return None
    try:
        rest = values(["chat", *argv])
    except flags.Error as error:
        raise UserError(str(error).splitlines()[0]) from None
    if rest[1:]:
        raise UserError(f"unexpected argument '{rest[1]}': flags are written --name=value")
    if not values.run:
        raise UserError("--run=DIR is missing: the --workdir of an experiment")
    if not re.fullmatch(r"best|last|\d+", values.checkpoint):
        raise UserError(f"--checkpoint={values.checkpoint}: expected best, last or a step")
    return values


def _define() -> flags.FlagValues:
    values = flags.FlagValues()  # of our own, not absl's global ones
    own = dict(flag_values=values)
    flags.DEFINE_string("run", None, "Folder of a run: the --workdir of its experiment.", **own)
    phases = ["pretrain", "finetune", "honesty", "search", "identity", "domain"]
    flags.DEFINE_enum("phase", "finetune", phases, "Whose checkpoint.", **own)
    flags.DEFINE_string("checkpoint", "best", "best (lowest held-out loss), last, or a step.", **own)
    flags.DEFINE_enum(
        "mode", None, ["chat", "base"], "Default: chat; for --phase=pretrain base: continue texts.", **own
    )
    flags.DEFINE_string("system", "", "System prompt.", **own)
    flags.DEFINE_float("temperature", 0.7, "0 takes the most likely token each time.", **own)
    flags.DEFINE_integer("top_k", 0, "Sample from the k most likely tokens; 0: from all.", **own)
    flags.DEFINE_float("top_p", 0.95, "Sample from the most likely tokens that together have this probability.", **own)
    flags.DEFINE_integer("seed", 0, "Same seed and same words: same answers.", **own)
    flags.DEFINE_integer("max_new", 256, "Most tokens of an answer.", **own)
    flags.DEFINE_enum(
        "search", None, ["index", "brave", "tavily", "searxng"], "Let it search: the run's index, or the web.", **own
    )
    flags.DEFINE_float(
        "doubt", None, "Also search when the log-probability of its answer's beginning falls below this.", **own
    )
    flags.DEFINE_integer("max_calls", 2, "Uses of tools in a turn, with --search.", **own)
    flags.DEFINE_bool(
        "gate",
        False,
        "Where the names in a question surprise it beyond the threshold of the run's phase `probe`, search for the "
        "question with --search, and otherwise say that it is not sure.",
        **own,
    )
    return values


def open_session(options: flags.FlagValues):
    """Loads tokenizer and checkpoint; UserError when one is missing, or they are not of the same run."""
    from jaxlm.generate import Sampling
    from jaxlm.serve.session import Session
    from jaxlm.text.tokenizer import Tokenizer
    from jaxlm.train.checkpoint import load_params

    sampling = Sampling(**{name: options[name].value for name in ("temperature", "top_k", "top_p", "seed", "max_new")})
    run = pathlib.Path(options.run)
    if not run.is_dir():
        raise UserError(f"--run={run}: no such folder")
    which = int(options.checkpoint) if options.checkpoint.isdigit() else options.checkpoint
    tokenizer = Tokenizer.load(run / "tokenizer")
    params, cfg = load_params(run, options.phase, which, tokenizer=tokenizer.hash)
    mode = options.mode or ("base" if options.phase == "pretrain" else "chat")
    policy = tool_policy(options, run) if options.search else None
    gate = open_gate(run, mode) if options.gate else None
    return Session(params, cfg, tokenizer, mode, sampling, options.system, policy=policy, gate=gate)


def open_gate(run: pathlib.Path, mode: str):
    """The run's own gate before the model; UserError without a threshold, or for a model that continues texts."""
    from jaxlm.honesty import gate

    if mode == "base":
        raise UserError("--gate: it stands before answers in chat; expected --mode=chat and a phase after pretrain")
    return gate.of_run(run)


def tool_policy(options: flags.FlagValues, run: pathlib.Path):
    """The tools by the run's own configuration, but with the search engine that was asked for."""
    from jaxlm import config
    from jaxlm.files import read_json
    from jaxlm.honesty.search.backend import backend, toolbox
    from jaxlm.honesty.tool_use import Policy

    settings, record = config.tools(), run / "run.json"
    if record.exists():
        settings.update(read_json(record)["config"].get("tools", {}))
    settings.search.backend = options.search
    tools = toolbox(settings, backend(settings, run / "search" / "index")).tools
    trigger = "call" if options.doubt is None else "both"
    return Policy(tools, options.max_calls, trigger, options.doubt, max_chars=settings.max_chars)


def talk(session, interactive: bool) -> None:
    """Answers each line of stdin until its end or /quit; prompts for lines on a terminal."""
    from rich.console import Console

    console = Console(highlight=False, soft_wrap=True)
    if interactive:
        with contextlib.suppress(ImportError):  # not on every platform
            import readline  # noqa: F401  gives input() a history and line editing
        note(console, f"{session.mode} mode; /help lists the commands, Ctrl-C stops an answer, Ctrl-D ends the talk")
    last = None
    for line in _lines(interactive):
        if line.startswith("/") and not line.startswith("//"):
            if line.split()[0] == "/quit":
                return
            try:
                command(session, console, line, last)
            except UserError as error:
                note(console, str(error))
        elif line.strip():
            last = answer(session, console, line.removeprefix("/")) or last


def _lines(interactive: bool) -> Iterator[str]:
    while True:
        try:
            yield input("> " if interactive else "")
        except EOFError:
            return
        except KeyboardInterrupt:
            print()
            return


def answer(session, console, text: str):
    """Streams one answer to the console. Returns its Turn, None when the text does not fit the model."""
    try:
        turn = session.begin(text)
    except UserError as error:
        return note(console, str(error))
    if turn.dropped:
        note(console, f"the context is full: the oldest {turn.dropped} messages are forgotten")
    with contextlib.closing(session.reply(turn)) as pieces, contextlib.suppress(KeyboardInterrupt):
        shown = ""
        for piece in pieces:
            if isinstance(piece, str):
                shown = printable(piece)
                print(shown, end="", flush=True)
            else:
                print("" if shown.endswith("\n") or not shown else "\n", end="", flush=True)
                show_use(console, piece)
                shown = ""
    print(flush=True)
    if turn.finish in NOTICES:
        limits = dict(max_new=session.sampling.max_new, max_len=session.cfg.max_len)
        note(console, NOTICES[turn.finish].format(**limits))
    return turn


def show_use(console, event) -> None:
    """What a tool is asked, or the sources it found; of other results the first line."""
    result = getattr(event, "result", None)
    if result is None:
        asked = json.loads(event.arguments).get("query") if event.name == "search" else None
        doing = f"{event.name} {event.arguments}" if asked is None else f'searching: "{asked}"'
        return note(console, printable(f"{REASONS.get(event.trigger, '')}{doing}"))
    for line in SOURCE.findall(result) or result.splitlines()[:1]:
        console.print(f"  {printable(line)[:200]}", style="dim", markup=False)


def printable(text: str) -> str:
    return CONTROL_CHARACTERS.sub("\N{REPLACEMENT CHARACTER}", text)


def show_tools(session, console, turn) -> None:
    """The tools with their arguments, then each use in the turn."""
    policy = session.policy
    if policy is None:
        return note(console, "no tools; --search=index lets it search what was crawled")
    for tool in policy.tools:
        console.print(f"{tool.name}({', '.join(tool.parameters['properties'])})  {tool.description}", markup=False)
    unsure = (
        "" if policy.trigger == "call" else f", or when the log-probability of its answer is below {policy.threshold}"
    )
    surprised = ", or when a name in the question is too new to it" if session.gate else ""
    note(console, f"used when the model calls them{unsure}{surprised}; {policy.max_calls} times a turn at most")
    for use in turn.uses if turn else ():
        console.print(printable(f"{use.name} {use.arguments} ({use.trigger})\n{use.result}"), style="dim", markup=False)


def command(session, console, line: str, last) -> None:
    """Does what a line with a slash asks for; raises UserError when it is not understood."""
    from jaxlm.serve.session import MODES

    name, _, value = line.partition(" ")
    value = value.strip()
    match name:
        case "/help":
            print(COMMANDS)
        case "/tokens":
            show_tokens(session.tokenizer, console, last)
        case "/tools":
            show_tools(session, console, last)
        case "/reset":
            session.reset()
        case "/system":
            session.system = value
            session.reset()
        case "/mode" if value in MODES:
            session.mode = value
        case "/temperature":
            session.sampling = dataclasses.replace(session.sampling, temperature=_number(float, name, value))
        case "/seed":
            session.set_seed(_number(int, name, value))
        case "/mode":
            raise UserError(f"/mode {value}: expected {' or '.join(MODES)}")
        case _:
            raise UserError(f"{name}: no such command; /help lists them")
    if name in ("/reset", "/system", "/mode", "/temperature", "/seed"):
        note(console, "done")


def _number(kind: type, name: str, value: str):
    try:
        return kind(value)
    except ValueError:
        raise UserError(f"{name} {value}: expected a number") from None


def show_tokens(tokenizer, console, turn) -> None:
    """A table of the turn's tokens; probabilities are the model's own, at temperature 1 and before any filter."""
    from rich.table import Table
    from rich.text import Text

    if turn is None or not turn.events:
        return note(console, NOTICES["gate"] if turn and turn.finish == "gate" else "no answer yet")

    def piece(token: int) -> str:
        return repr(tokenizer.pieces([token])[0])[1:-1].replace(" ", "␣")

    table = Table("token", "probability", "most likely", box=None)
    for event in turn.events:
        prob = math.exp(event.logprob)
        style = next(style for least, style in SHADES if prob >= least)
        likely = "   ".join(f"{piece(token)} {p:.2f}" for token, p in event.top)
        table.add_row(Text(piece(event.token), style), Text(f"{prob:.3f}", style), Text(likely, "dim"))
    console.print(table)


def note(console, text: str) -> None:
    """A line about the talk, not of it."""
    console.print(f"[{text}]", style="dim", markup=False)


if __name__ == "__main__":
    main()
