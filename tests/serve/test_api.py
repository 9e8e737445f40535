"""The server's routes over a model that says what it is told to, asked in process and by the `openai` package."""

import json
import pathlib
import runpy
import socket
import subprocess
import sys
import time

import openai
import pytest
from fastapi.testclient import TestClient

from jaxlm.errors import UserError
from jaxlm.serve.app import build
from jaxlm.text.tokenizer import ASSISTANT, BOS, CALL, END, EOS, TOOL, USER

HERE = pathlib.Path(__file__).parent
Script, served = (runpy.run_path(str(HERE / "servers.py"))[name] for name in ("Script", "served"))
ByteTokenizer = runpy.run_path(str(HERE / "conftest.py"))["ByteTokenizer"]

TOKENIZER = ByteTokenizer()
JSON = {"Content-Type": "application/json"}
SEARCH = {"type": "function", "function": {"name": "search", "parameters": {"type": "object"}}}
CALLING = '{"name": "search", "arguments": {"query": "Ada"}}'


def ids(text: str) -> list[int]:
    return TOKENIZER.encode(text).tolist()


def ask(script: Script, path: str, body=None, key: str = "", tuned: bool = True, **options) -> tuple[int, dict]:
    """Asks a route of a server over the script: (status, JSON)."""
    app = build(script.model(tuned=tuned), key)
    with TestClient(app, "http://127.0.0.1", raise_server_exceptions=False) as client:
        if body is not None or "content" in options:
            response = client.post(path, json=body, **options)
        else:
            response = client.get(path, **options)
    return response.status_code, response.json()


def chat_body(text: str = "hi", **more) -> dict:
    return {"model": "script", "messages": [{"role": "user", "content": text}], **more}


def test_chat_renders_the_conversation_and_takes_off_the_lead():
    script = Script(TOKENIZER, [*ids(" Hello é!"), END])
    status, answer = ask(script, "/v1/chat/completions", chat_body(temperature=0.5, top_p=0.9, seed=-1, max_tokens=20))
    assert status == 200 and answer["object"] == "chat.completion"
    assert answer["choices"][0]["message"] == {"role": "assistant", "content": "Hello é!", "refusal": None}
    assert answer["choices"][0]["finish_reason"] == "stop" and answer["choices"][0]["logprobs"] is None
    assert script.prompts == [[BOS, USER, *ids(" hi"), END, ASSISTANT]]
    request = script.requests[0]
    assert (request.temperature, request.top_p, request.seed, request.max_new) == (0.5, 0.9, 2**32 - 1, 20)
    assert answer["usage"] == {"prompt_tokens": 7, "completion_tokens": 10, "total_tokens": 17}


def test_choices_have_seeds_of_their_own():
    script = Script(TOKENIZER, ids("a"), ids("bb"), ids("cc"))
    _, answer = ask(script, "/v1/chat/completions", chat_body(n=3, seed=7, max_completion_tokens=1))
    assert [c["message"]["content"] for c in answer["choices"]] == ["a", "b", "c"]
    assert [c["finish_reason"] for c in answer["choices"]] == ["stop", "length", "length"]
    assert [request.seed for request in script.requests] == [7, 8, 9]


def test_chat_logprobs():
    script = Script(TOKENIZER, ids("é"))
    _, answer = ask(script, "/v1/chat/completions", chat_body(logprobs=True, top_logprobs=2))
    content = answer["choices"][0]["logprobs"]["content"]
    assert [token["bytes"] for token in content] == [[0xC3], [0xA9]]
    assert content[0]["logprob"] == -0.5 == content[0]["top_logprobs"][0]["logprob"]
    assert len(content[0]["top_logprobs"]) == 2


def test_stop_texts_never_show_and_free_the_rest():
    script = Script(TOKENIZER, ids("one STOP two"))
    _, answer = ask(
        script, "/v1/completions", {"model": "script", "prompt": "x", "stop": ["STOP", "zzz"], "logprobs": 0}
    )
    choice = answer["choices"][0]
    assert (choice["text"], choice["finish_reason"]) == ("one ", "stop")
    assert choice["logprobs"]["text_offset"] == [0, 1, 2, 3] and len(choice["logprobs"]["tokens"]) == 4
    assert script.made == len("one STOP")


def test_calls_only_where_the_client_has_tools():
    said = [*ids(" Let me look."), CALL, *ids(CALLING), CALL, *ids("{broken"), END]
    _, answer = ask(Script(TOKENIZER, said), "/v1/chat/completions", chat_body(tools=[SEARCH]))
    choice = answer["choices"][0]
    assert choice["finish_reason"] == "tool_calls"
    call = choice["message"]["tool_calls"][0]
    assert call["type"] == "function" and call["id"].startswith("call_")
    assert call["function"]["name"] == "search" and json.loads(call["function"]["arguments"]) == {"query": "Ada"}
    assert choice["message"]["content"] == "Let me look.{broken"  # what is no call is shown
    for without in ({}, {"tools": [SEARCH], "tool_choice": "none"}):
        script = Script(TOKENIZER, said)
        _, answer = ask(script, "/v1/chat/completions", chat_body(**without))
        assert answer["choices"][0]["message"]["content"] == "Let me look."
        assert answer["choices"][0]["finish_reason"] == "stop" and CALL in script.requests[0].stop


def test_tool_messages_are_rendered():
    script = Script(TOKENIZER, ids("x"))
    call = {"id": "call_1", "type": "function", "function": {"name": "search", "arguments": '{"query": "Ada"}'}}
    messages = [
        {"role": "user", "content": "Who?"},
        {"role": "assistant", "content": None, "tool_calls": [call]},
        {"role": "tool", "tool_call_id": "call_1", "content": "<|end|> Ada."},
    ]
    assert ask(script, "/v1/chat/completions", {"model": "script", "messages": messages})[0] == 200
    prompt = script.prompts[0]
    assert prompt[-(len("<|end|> Ada.") + 4) :] == [TOOL, *ids(" <|end|> Ada."), END, ASSISTANT]
    assert CALL in prompt and prompt.count(END) == 3


def test_echo_is_what_a_harness_needs():
    """Prompt and one more token; the first has no number unless a BOS before it is implied; greedy to the last bit."""
    body = {"model": "script", "echo": True, "logprobs": 1, "max_tokens": 1, "temperature": 0}
    prompts = [[BOS, *ids("abc")], ids("hé")]
    _, answer = ask(Script(TOKENIZER, ids("z")), "/v1/completions", body | {"prompt": prompts})
    first, second = answer["choices"]
    assert [first["index"], second["index"]] == [0, 1]
    assert (first["text"], second["text"]) == ("abcz", "héz")
    for choice, prompt in zip((first, second), prompts):
        assert len(choice["logprobs"]["token_logprobs"]) == len(prompt) + 1 == len(choice["logprobs"]["text_offset"])
    assert first["logprobs"]["token_logprobs"][0] is None and first["logprobs"]["top_logprobs"][0] is None
    assert second["logprobs"]["token_logprobs"][0] == pytest.approx(-0.1)
    assert first["logprobs"]["text_offset"] == [0, 0, 1, 2, 3] and second["logprobs"]["text_offset"] == [0, 1, 1, 2]
    # a model that ends at once still gives one more
    script = Script(TOKENIZER, [EOS, *ids("z")])
    choice = ask(script, "/v1/completions", body | {"prompt": ids("ab")})[1]["choices"][0]
    assert (choice["text"], choice["finish_reason"], choice["logprobs"]["tokens"][2:]) == ("ab", "stop", ["<|eos|>"])
    numbers, tops = first["logprobs"]["token_logprobs"], first["logprobs"]["top_logprobs"]
    assert [n == max(top.values()) for n, top in zip(numbers[1:], tops[1:])] == [False, True, False, True]


def test_scoring_alone():
    script = Script(TOKENIZER, ids("z"))
    body = {"model": "script", "prompt": ["ab", "c"], "echo": True, "logprobs": 0, "max_tokens": 0}
    _, answer = ask(script, "/v1/completions", body)
    assert [(c["text"], c["finish_reason"]) for c in answer["choices"]] == [("ab", "length"), ("c", "length")]
    assert answer["choices"][0]["logprobs"]["top_logprobs"] is None and script.prompts == []


@pytest.mark.parametrize(
    "path, body, message",
    [
        ("/v1/chat/completions", chat_body(n=9), "n: "),
        ("/v1/chat/completions", chat_body(temperature=2.5), "temperature: "),
        ("/v1/chat/completions", chat_body(temperature=0.0001), "sampling.temperature"),
        ("/v1/chat/completions", chat_body(top_p=0), "top_p: "),
        ("/v1/chat/completions", chat_body(max_tokens=0), "max_tokens: "),
        ("/v1/chat/completions", chat_body(max_tokens=True), "max_tokens: "),
        ("/v1/chat/completions", chat_body(top_logprobs=3), "needs logprobs"),
        ("/v1/chat/completions", chat_body(tool_choice="required"), "tool_choice: "),
        ("/v1/chat/completions", chat_body(frequency_penalty=0.5), "frequency_penalty: "),
        ("/v1/chat/completions", chat_body(colour=1), "colour: "),
        ("/v1/chat/completions", chat_body("x" * 600), "the model holds 512"),
        ("/v1/chat/completions", chat_body("\ud800"), "content"),
        ("/v1/chat/completions", {"model": "script", "messages": []}, "messages: "),
        ("/v1/chat/completions", {"model": "script", "messages": [{"role": "tool", "content": "x"}]}, "must follow"),
        (
            "/v1/chat/completions",
            {"model": "script", "messages": [{"role": "user"}, {"role": "poet"}]},
            "messages.1.role",
        ),
        ("/v1/completions", {"model": "script", "prompt": "x", "max_tokens": 0}, "needs echo"),
        ("/v1/completions", {"model": "script", "prompt": []}, "prompt"),
        ("/v1/completions", {"model": "script", "prompt": [[]]}, "prompt"),
        ("/v1/completions", {"model": "script", "prompt": [-1]}, "prompt"),
        ("/v1/completions", {"model": "script", "prompt": [999]}, "token ids must be 0 to 271"),
        ("/v1/completions", {"model": "script", "prompt": [[1], ["x"]]}, "prompt"),
        ("/v1/completions", {"model": "script", "prompt": ["x"] * 65}, "prompt"),
        ("/v1/completions", {"model": "script", "prompt": "x", "logprobs": 10**9}, "logprobs: "),
        ("/v1/completions", {"model": "script", "prompt": "x", "stop": [""]}, "stop"),
        ("/detokenize", {"tokens": [10**9]}, "ids must be 0 to 271"),
        ("/tokenize", {"prompt": 7}, "prompt: "),
        ("/tokenize", [], ""),
    ],
)
def test_wrong_requests_are_refused_in_openais_shape(path, body, message):
    status, answer = ask(Script(TOKENIZER, ids("z")), path, content=json.dumps(body), headers=JSON)
    assert status == 400
    assert set(answer["error"]) == {"message", "type", "param", "code"}
    assert answer["error"]["type"] == "invalid_request_error" and message in answer["error"]["message"]


def test_bodies_that_are_no_json_too_large_or_for_nobody():
    script = Script(TOKENIZER, ids("z"))
    for content in (b"{", b"\xff", b"[" * 100_000, b"9" * 5000):
        status, answer = ask(script, "/tokenize", content=content, headers=JSON)
        assert status == 400 and answer["error"]["type"] == "invalid_request_error", content[:9]
    assert ask(script, "/tokenize", content=b" " * (5 << 20))[0] == 413
    assert ask(script, "/v1/chat/completions", chat_body() | {"model": "gpt"})[0] == 404
    assert ask(script, "/v1/models/gpt")[0] == 404 and ask(script, "/nowhere")[0] == 404
    assert ask(script, "/v1/completions")[0] == 405
    assert ask(script, "/v1/chat/completions", chat_body(), tuned=False)[0] == 400


def test_what_fails_inside_harms_nobody_else():
    script = Script(TOKENIZER, UserError("no room"), ValueError("a bug"), ValueError("a bug"), ids("fine"))
    statuses = []
    with TestClient(build(script.model()), "http://127.0.0.1", raise_server_exceptions=False) as client:
        for stream in (False, False, True, False):
            last = client.post("/v1/chat/completions", json=chat_body(stream=stream))
            statuses.append((last.status_code, last.json().get("error", {}).get("message")))
        assert last.json()["choices"][0]["message"]["content"] == "fine"
    failed = (500, "the server has failed; its log says why")
    assert statuses == [(400, "no room"), failed, failed, (200, None)]


def test_key_over_all_routes_but_health():
    script = Script(TOKENIZER, ids("z"))
    assert ask(script, "/health", key="sesame") == (200, {"status": "ok"})
    for path in ("/v1/models", "/tokenizer_info", "/openapi.json", "/nowhere", "/health/"):
        for headers in ({}, {"Authorization": "Bearer other"}, {"Authorization": "Bearer sesamé".encode()}):
            status, answer = ask(script, path, key="sesame", headers=headers)
            assert status == 401 and answer["error"]["type"] == "authentication_error"
    assert ask(script, "/v1/models", key="sesame", headers={"Authorization": "Bearer sesame"})[0] == 200


def test_without_a_key_only_local_names_are_served():
    script = Script(TOKENIZER, ids("z"))
    for host, status in (("evil.example", 403), ("localhost:80", 200), ("[::1]:80", 200), ("[", 403), ("", 403)):
        assert ask(script, "/v1/models", headers={"Host": host})[0] == status, host


def test_tokenizer_routes():
    script = Script(TOKENIZER, ids("z"))
    assert ask(script, "/tokenize", {"prompt": "hé"})[1]["tokens"] == [BOS, *ids("hé")]
    assert ask(script, "/tokenize", {"prompt": "hé", "add_special_tokens": False})[1]["tokens"] == ids("hé")
    assert ask(script, "/detokenize", {"tokens": [BOS, *ids("hé")]})[1] == {"prompt": "hé"}
    info = ask(script, "/tokenizer_info")[1]
    assert info["eos_token"] == "<|eos|>"
    alone = {"prompt": info["eos_token"], "add_special_tokens": False}
    assert ask(script, "/tokenize", alone)[1]["tokens"] == [EOS]
    assert EOS not in ask(script, "/tokenize", {"prompt": "<|eos|> "})[1]["tokens"]


def test_openai_drives_a_tool_call():
    """The client's loop: question, call, the tool's result, answer."""
    script = Script(TOKENIZER, [*ids(" "), CALL, *ids(CALLING), END], [*ids(" A poet [1]."), END])
    with served(script.model(), key="sesame") as url, openai.OpenAI(base_url=url, api_key="sesame") as client:
        name = client.models.list().data[0].id
        messages = [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Who is Ada?"}]
        reply = client.chat.completions.create(model=name, messages=messages, tools=[SEARCH]).choices[0]
        assert reply.finish_reason == "tool_calls" and reply.message.content is None
        call = reply.message.tool_calls[0]
        assert (call.function.name, json.loads(call.function.arguments)) == ("search", {"query": "Ada"})
        messages += [reply.message, {"role": "tool", "tool_call_id": call.id, "content": "[1] page\nAda is a poet."}]
        reply = client.chat.completions.create(model=name, messages=messages, tools=[SEARCH]).choices[0]
        assert (reply.finish_reason, reply.message.content) == ("stop", "A poet [1].")
        with pytest.raises(openai.BadRequestError, match="temperature"):
            client.chat.completions.create(model=name, messages=messages, temperature=3)
        with pytest.raises(openai.AuthenticationError):
            client.with_options(api_key="no").models.list()


def test_openai_reads_our_streams():
    said = [*ids(" Grüße, "), CALL, *ids(CALLING), END]
    with served(Script(TOKENIZER, said).model()) as url, openai.OpenAI(base_url=url, api_key="-") as client:
        request = dict(model="script", messages=chat_body()["messages"], tools=[SEARCH], stream=True)
        chunks = list(client.chat.completions.create(**request, stream_options={"include_usage": True}))
        assert chunks[-1].choices == [] and chunks[-1].usage.completion_tokens == len(said) - 1
        deltas = [chunk.choices[0].delta for chunk in chunks[:-1]]
        assert [delta.role for delta in deltas] == ["assistant", *[None] * (len(deltas) - 1)]
        assert "".join(delta.content or "" for delta in deltas) == "Grüße, "
        call = deltas[-1].tool_calls[0]
        assert (call.index, call.function.name) == (0, "search")
        assert [chunk.choices[0].finish_reason for chunk in chunks[:-1]] == [*[None] * (len(deltas) - 1), "tool_calls"]
        text = client.completions.create(model="script", prompt="x", stream=True, echo=True, max_tokens=99)
        assert "".join(chunk.choices[0].text for chunk in text) == "x Grüße, "


def post(url: str, body: dict) -> socket.socket:
    """Sends a chat request and does not wait."""
    host, port = url.split("/")[2].split(":")
    data = json.dumps(body).encode()
    head = f"POST /v1/chat/completions HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/json\r\n"
    connection = socket.create_connection((host, int(port)))
    connection.sendall(f"{head}Content-Length: {len(data)}\r\n\r\n".encode() + data)
    return connection


@pytest.mark.parametrize("stream", [False, True])
def test_a_client_that_hangs_up_frees_the_worker(stream):
    """Also one whose request still waits: the second is never begun."""
    script = Script(TOKENIZER, ids("a" * 400), ids("b"), pause=0.01)
    with served(script.model()) as url:
        with post(url, chat_body(stream=stream)), post(url, chat_body(stream=not stream)):
            while script.made < 5:
                time.sleep(0.01)
        with openai.OpenAI(base_url=url, api_key="-") as client:
            answer = client.chat.completions.create(model="script", messages=chat_body()["messages"])
        assert answer.choices[0].message.content == "b"
        assert len(script.prompts) == 2 and script.made < 100


def test_more_than_can_wait_are_told_to_try_again():
    script = Script(TOKENIZER, ids("a" * 300), pause=0.01)
    with served(script.model(), waiting=1) as url, openai.OpenAI(base_url=url, api_key="-", max_retries=0) as client:
        with post(url, chat_body()):
            while not script.made:
                time.sleep(0.01)
            with post(url, chat_body()):
                time.sleep(0.2)
                with pytest.raises(openai.RateLimitError) as caught:
                    client.chat.completions.create(model="script", messages=chat_body()["messages"])
        assert caught.value.response.headers["Retry-After"] == "1"


def test_unsafe_command_lines_are_refused(monkeypatch, capsys, run_folder):
    from jaxlm.serve import api

    monkeypatch.delenv(api.KEY_VARIABLE, raising=False)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        for argv, message in (
            (["--host=0.0.0.0"], "set a key for them in $JAXLM_API_KEY"),
            (["--host=::"], "set a key for them"),
            (["--checkpoint=first"], "--checkpoint=first"),
            ([f"--port={taken.getsockname()[1]}"], "in use"),
            (["--port=99999"], "--port=99999"),
            (["--port=0", "--phase=search"], "no checkpoint of the phase 'search'"),
            (["--port=0", "--run=/nowhere"], "/nowhere: no such folder"),
        ):
            with pytest.raises(SystemExit):
                api.main([f"--run={run_folder}", *argv])
            err = capsys.readouterr().err
            assert err.startswith("jaxlm: error: ") and err.count("\n") == 1 and message in err


@pytest.mark.slow
def test_as_a_command_with_real_weights(run_folder):
    command = [sys.executable, "-m", "jaxlm.serve.api", f"--run={run_folder}", "--port=0"]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=pathlib.Path(__file__).parents[2])
    try:
        url = server.stdout.readline().split(": ", 1)[1].strip()
        with openai.OpenAI(base_url=url, api_key="-") as client:
            name = client.models.list().data[0].id
            asked = dict(model=name, messages=[{"role": "user", "content": "hello"}], temperature=0, max_tokens=9)
            answers = [client.chat.completions.create(**asked).choices[0] for _ in range(2)]
            assert answers[0].message.content == answers[1].message.content and answers[0].finish_reason == "length"
            echo = client.completions.create(
                model=name, prompt="hello", echo=True, logprobs=1, max_tokens=1, temperature=0
            )
            assert echo.choices[0].text.startswith("hello") and len(echo.choices[0].logprobs.tokens) == 6
    finally:
        server.terminate()
        server.communicate(timeout=20)
