"""An endpoint answers as the model behind it does in process."""

import argparse
import dataclasses
import functools
import http.server
import json
import pathlib
import runpy
import threading

import numpy as np
import pytest

from jaxlm.errors import UserError
from jaxlm.evals import __main__ as command
from jaxlm.evals.endpoint import Endpoint, between
from jaxlm.evals.subject import question
from jaxlm.files import read_json, write_jsonl
from jaxlm.generate import stream
from jaxlm.generate.alternatives import score_with_top
from jaxlm.serve.model import Model
from jaxlm.text.tokenizer import CONTROL

served = runpy.run_path(str(pathlib.Path(__file__).parents[1] / "serve" / "servers.py"))["served"]


@pytest.fixture(scope="module")
def subject(subject):
    """Its likeliest token is never a control symbol: at some of them our server ends an answer, a Subject does not."""
    embed = 4.0 * subject.params["embed"].at[: len(CONTROL)].set(0.0)
    return dataclasses.replace(subject, params=subject.params | {"embed": embed})


@pytest.fixture(scope="module")
def url(subject):
    functions = [functools.partial(f, subject.params, subject.cfg) for f in (stream, score_with_top)]
    with served(Model("small", subject.tokenizer, subject.cfg.max_len, True, *functions), key="sesame") as url:
        yield url


@pytest.fixture
def endpoint(url, monkeypatch):
    monkeypatch.setenv("KEY_OF_TEST", "sesame")
    return Endpoint(url, key_variable="KEY_OF_TEST", concurrency=3)


def test_same_answers_as_in_process(subject, endpoint):
    assert (endpoint.name, endpoint.max_len) == ("small", subject.cfg.max_len - 1)
    conversations = [question(text) for text in ("Who?", "Where is it, é?", "a")]
    assert endpoint.chat(conversations, max_new=6) == subject.chat(conversations, max_new=6)
    prompts = ["abc", "Q: x\nA:"]
    assert endpoint.complete(prompts, max_new=9) == subject.complete(prompts, max_new=9)
    heads, tails = ["abc", "", "é"], [" def", "xyz", "éé"]
    np.testing.assert_allclose(endpoint.score(heads, tails), subject.score(heads, tails), rtol=1e-4)


def test_sampling_is_passed_on(endpoint):
    hot = [endpoint.chat([question("a")], temperature=1.5, seed=seed, max_new=8)[0] for seed in (1, 1, 2)]
    assert hot[0] == hot[1] != hot[2]
    with pytest.raises(UserError, match="no sampling field 'top_k'"):
        endpoint.chat([question("a")], top_k=4)


def test_tokens_across_the_border_count_as_the_continuations():
    tokens = argparse.Namespace(
        tokens=["<bos>", "ab", "cd", "", "é", "!"],
        text_offset=[0, 0, 2, 4, 4, 5],
        token_logprobs=[None, -1.0, -10.0, -100.0, -1000.0, -10000.0],
    )
    assert between(tokens, 3, 5) == -1110.0  # "cd" straddles 3; the generated "!" begins at 5
    assert between(tokens, 4, 5) == -1100.0


def test_mistakes_are_one_clear_line(url, monkeypatch):
    monkeypatch.delenv("KEY_OF_TEST", raising=False)
    with pytest.raises(UserError, match="KEY_OF_TEST does not hold its key"):
        Endpoint(url, key_variable="KEY_OF_TEST")
    with pytest.raises(UserError, match=r"HTTP 401: .*missing or wrong"):
        Endpoint(url)
    with pytest.raises(UserError, match="no answer after 1 tries"):
        Endpoint("http://127.0.0.1:9/v1", retries=0)
    monkeypatch.setenv("KEY_OF_TEST", "sesame")
    with pytest.raises(UserError, match="HTTP 400"):
        Endpoint(url, key_variable="KEY_OF_TEST").chat([question("a")], temperature=9)


def test_busy_servers_are_asked_again():
    statuses = [429, 503, 200]

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            self.rfile.read(int(self.headers["Content-Length"]))
            message = {"role": "assistant", "content": "hello"}
            body = json.dumps({"choices": [{"index": 0, "message": message}]}).encode()
            self.send_response(statuses.pop(0))
            for name, value in (("Retry-After-Ms", "1"), ("Content-Type", "application/json")):
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever).start()
        try:
            assert Endpoint(f"http://127.0.0.1:{server.server_port}/v1", "m").chat([question("a")]) == ["hello"]
        finally:
            server.shutdown()
    assert statuses == []


def test_evals_of_an_endpoint_by_hand(url, monkeypatch, tmp_path, capsys):
    """What needs weights is left out, and refused when it is asked for."""
    monkeypatch.setenv("KEY_OF_TEST", "sesame")
    fact = {"answer": "Orrin", "aliases": [], "entity": "p1", "type": "person", "attribute": "town", "split": "test"}
    truth = tmp_path / "crawl" / "truth"
    rows = [
        fact | {"question": "Where?", "form": form, "tier": tier} for form in ("seen", "heldout") for tier in (0, 64)
    ]
    write_jsonl(truth / "questions.jsonl", rows)
    write_jsonl(truth / "entities.jsonl", [{"id": "p1", "novel": True}])
    flags = [f"--model={url}", "--key_variable=KEY_OF_TEST", f"--material={tmp_path}", f"--out={tmp_path}/out.json"]
    command.main([*flags, "--evals=knowledge,recall"])
    out = read_json(tmp_path / "out.json")
    assert {row["tier"] for row in out["knowledge"]["figures"]} == {"all", 0, 64}
    assert len(out["recall"]["items"]) == len(out["knowledge"]["items"]) == 4
    with pytest.raises(SystemExit, match="2"):
        command.main([*flags, "--evals=bpb"])
    assert "an endpoint gives only texts" in capsys.readouterr().err
