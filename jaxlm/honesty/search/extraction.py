"""Extracts a fetched page's text in a process of its own: `extract(body, charset)`, or the body on standard input.

Pages from the web are hostile input to parsers written in C. A process can be bounded in time and memory and may crash;
and the extractor's own time limit works by a signal, which only a main thread can have.
"""

import json
import os
import resource
import subprocess
import sys

from jaxlm.errors import UserError

MAX_MEMORY = 2 << 30  # bytes of address space


def extract(body: bytes, charset: str | None, extractor: str, seconds: float) -> tuple[str, str]:
    """Title and main text of an HTML page. Raises UserError when that takes too long or fails."""
    command = [sys.executable, "-m", "jaxlm.honesty.search.extraction", extractor, charset or ""]
    environment = dict(os.environ, PYTHONPATH=os.pathsep.join(path or os.getcwd() for path in sys.path))
    try:
        done = subprocess.run(
            command, input=body, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, timeout=seconds, env=environment
        )
    except subprocess.TimeoutExpired:
        raise UserError("its text could not be extracted in time") from None
    if done.returncode != 0:
        raise UserError("its text could not be extracted")
    title, text = json.loads(done.stdout)
    return title, text


def main() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MAX_MEMORY, MAX_MEMORY))
    from jaxlm.crawl.encoding import decode
    from jaxlm.crawl.extract import extract as of_html

    extractor, charset = sys.argv[1:]
    html, _ = decode(sys.stdin.buffer.read(), charset or None)
    json.dump(of_html(html, extractor), sys.stdout)


if __name__ == "__main__":
    main()
