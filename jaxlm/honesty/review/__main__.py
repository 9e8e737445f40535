"""`python -m jaxlm.honesty.review FILE`: a local page to read, edit, accept or reject training examples.

Ctrl-C ends it; the same command goes on at the first example that is not decided.
"""

import pathlib
import signal
import sys
import threading
import webbrowser

from absl import flags

from jaxlm import files
from jaxlm.errors import UserError, one_line
from jaxlm.honesty.review.server import serve
from jaxlm.honesty.review.store import Store, training_rows
from jaxlm.honesty.review.views import notice, progress
from jaxlm.progress import say

USAGE = """\
usage: python -m jaxlm.honesty.review FILE [--port=N] [--no-browser]
       python -m jaxlm.honesty.review FILE --export=OUT.jsonl [--reviewed_only]

Opens a page to review the conversations of FILE (.jsonl, .json, .parquet; OpenAI's messages, ShareGPT, Alpaca, Dolly or
prompt and response). Decisions are kept in FILE.decisions.jsonl and, when the review is stopped, written into FILE
itself if it is a plain .jsonl. --export writes what training takes: everything that is not rejected.
"""


def main(argv: list[str] | None = None) -> None:
    """The command line. A user's mistake is one line on stderr and status 2."""
    with one_line():
        path, options = parse(sys.argv[1:] if argv is None else argv)
        if options is None:
            print(USAGE)
        elif options["export"].value:
            export(path, pathlib.Path(options["export"].value), options.reviewed_only)
        else:
            review(path, options.port, browser=not options["no-browser"].value)


def parse(argv: list[str]) -> tuple[str, flags.FlagValues | None]:
    """The file and the flags, None for those when help was asked for. Raises UserError for a bad command line."""
    values = flags.FlagValues()
    own = dict(flag_values=values)
    flags.DEFINE_integer("port", 0, "Port of the page; 0: any free one.", lower_bound=0, upper_bound=65535, **own)
    flags.DEFINE_bool("no-browser", False, "Only print the address.", **own)
    flags.DEFINE_string("export", None, "Write the rows to train on to this file, and open no page.", **own)
    flags.DEFINE_bool("reviewed_only", False, "With --export: only accepted rows.", **own)
    if {"--help", "-help", "-h"} & set(argv):
        return "", None
    try:
        _, *rest = values(["review", *argv])
    except flags.Error as error:
        raise UserError(str(error).splitlines()[0]) from None
    if len(rest) != 1:
        raise UserError(f"expected one FILE to review, found {' '.join(rest) or 'none'}")
    return rest[0], values


def export(path: str, out: pathlib.Path, reviewed_only: bool) -> None:
    """Writes the rows of the file that training takes."""
    if out.exists() and out.samefile(path):
        raise UserError(f"--export={out}: this is the file itself; name another")
    count = files.write_jsonl(out, training_rows(path, reviewed_only))
    say(f"{out}: {count:,} rows to train on")


def review(path: str, port: int, browser: bool) -> None:
    """Serves the page until Ctrl-C or SIGTERM, then writes the decisions back."""
    say(f"reading {path}")
    store = Store(path)
    server = serve(store, port)
    if told := notice(store):
        say(told)
    say(
        f"{_told(store)}\nopen {server.address}\nCtrl-C ends the review; nothing that the page shows as decided is lost"
    )
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    if browser:
        threading.Thread(target=webbrowser.open, args=(server.address,), daemon=True).start()
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        server.server_close()
    reason = store.finish()
    say(f"\n{_told(store)}")
    if reason:
        say(f"decisions stay in {store.journal.path}: {reason}")
    elif store.states != store.saved:
        say(f"written into {path}")


def _told(store: Store) -> str:
    total = progress(store)["total"]
    decided = total["all"] - total["undecided"]
    return (
        f"{store.path}: {decided:,} of {total['all']:,} decided "
        f"({total['accept']:,} accepted, {total['reject']:,} rejected, {total['edited']:,} edited)"
    )


if __name__ == "__main__":
    main()
