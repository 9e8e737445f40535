"""Serves a checkpoint to clients of OpenAI's API: `python -m jaxlm.serve.api --run=DIR`.

Chat with tool calls (the client runs the tools), text completions with the log-probabilities of the prompt, and the
tokenizer, which is what evaluation harnesses need. One thread answers one request after the other. The key that clients
must send is taken from the environment variable JAXLM_API_KEY; without one the server stays on this machine.

With --gate, chat does not answer questions about names that surprise the model beyond the threshold of the run's phase
`probe`: it says that it is not sure, and such a choice has the field `"answered_by": "gate"` beside its message.
"""

import argparse
import contextlib
import os
import pathlib
import socket

from jaxlm import runtime
from jaxlm.errors import UserError, one_line

KEY_VARIABLE = "JAXLM_API_KEY"
PHASES = ("pretrain", "finetune", "honesty", "search", "identity")


def main(argv: list[str] | None = None) -> None:
    """The command line; a user's mistake is one line on stderr and status 2."""
    parser = argparse.ArgumentParser("python -m jaxlm.serve.api", description=__doc__, allow_abbrev=False)
    parser.add_argument("--run", required=True, type=pathlib.Path, help="the run's folder")
    parser.add_argument("--phase", default="finetune", choices=PHASES, help="whose checkpoint")
    parser.add_argument("--checkpoint", default="best", help="best, last or the number of a step")
    parser.add_argument("--host", default="127.0.0.1", help=f"address; one that others reach needs ${KEY_VARIABLE}")
    parser.add_argument("--port", default=8000, type=int, help="0 takes a free one")
    parser.add_argument("--gate", action="store_true", help="abstain in chat where a name is too new to the model")
    args = parser.parse_args(argv)
    with one_line():
        runtime.configure()
        serve(args.run, args.phase, args.checkpoint, args.host, args.port, args.gate)


def serve(run: pathlib.Path, phase: str, checkpoint: str, host: str, port: int, gate: bool = False) -> None:
    """Answers until it is interrupted."""
    try:
        import uvicorn

        from jaxlm.serve.app import build
        from jaxlm.serve.guard import is_loopback
    except ModuleNotFoundError as error:
        raise UserError(f"the server needs the package {error.name}: pip install 'jaxlm[serve]'") from None
    from jaxlm.serve.model import load

    key = os.environ.get(KEY_VARIABLE, "")
    if not key and not is_loopback(host):
        raise UserError(f"--host={host}: others can reach it: set a key for them in ${KEY_VARIABLE}")
    if not checkpoint.isdigit() and checkpoint not in ("best", "last"):
        raise UserError(f"--checkpoint={checkpoint}: expected best, last or the number of a step")
    if not 0 <= port < 2**16:
        raise UserError(f"--port={port}: expected 0 to 65535")
    try:
        listener = socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET)
    except OSError as error:
        raise UserError(f"--host={host} --port={port}: {error.strerror}") from None
    with listener:
        model = load(run, phase, int(checkpoint) if checkpoint.isdigit() else checkpoint, gate)
        where = f"[{host}]" if ":" in host else host
        print(f"{model.name}: http://{where}:{listener.getsockname()[1]}/v1", flush=True)
        config = uvicorn.Config(build(model, key), log_level="warning", timeout_graceful_shutdown=5)
        with contextlib.suppress(KeyboardInterrupt):
            uvicorn.Server(config).run(sockets=[listener])


if __name__ == "__main__":
    main()
