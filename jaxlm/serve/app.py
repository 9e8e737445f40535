"""The routes of the server, over one model; see `jaxlm.serve.api`."""

import asyncio
import contextlib
import dataclasses
import json
import secrets
from collections.abc import AsyncGenerator, Callable, Iterator

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response, StreamingResponse
from starlette.exceptions import HTTPException
from starlette.middleware.body_limit import RequestBodyLimitMiddleware

from jaxlm.errors import UserError
from jaxlm.generate import Sampling
from jaxlm.honesty.tools import offering
from jaxlm.serve import schemas
from jaxlm.serve.guard import failure, guard, on_http, on_validation
from jaxlm.serve.model import Model
from jaxlm.serve.payloads import Payload
from jaxlm.serve.pieces import Piece, chat_pieces, echo, pieces, refusal
from jaxlm.serve.worker import Busy, Worker, while_connected
from jaxlm.text.conversation import render
from jaxlm.text.tokenizer import BOS, CALL, CONTROL, EOS, PAD

MAX_BODY = 4 << 20  # bytes of a request
WAITING = 64  # requests that may wait; what comes on top is told to try again
DEFAULT_NEW = 16  # tokens of a text completion that does not say, as at OpenAI
ENDS = tuple(range(len(CONTROL)))  # no control symbol belongs inside an answer, but the one that opens a call
CLIENT_GONE = 499  # nobody reads it; nginx's number for it

Answers = Iterator[tuple[int, Piece]]  # (choice, piece)


def build(model: Model, key: str = "", waiting: int = WAITING) -> FastAPI:
    """The application. `key`: what clients must send, "" for no key; `waiting`: requests that may wait."""

    @contextlib.asynccontextmanager
    async def lifespan(app: FastAPI):
        app.state.worker = Worker(waiting)
        yield
        await asyncio.to_thread(app.state.worker.close)

    app = FastAPI(title="jaxlm", lifespan=lifespan, docs_url=None, redoc_url=None)
    app.state.model = model
    app.add_middleware(RequestBodyLimitMiddleware, max_body_size=MAX_BODY)
    app.add_middleware(guard, key=key, max_body=MAX_BODY)
    for kind, handler in (
        (RequestValidationError, on_validation),
        (HTTPException, on_http),
        (UserError, lambda _, error: failure(400, str(error))),
        (Busy, lambda _, error: failure(429, "too many requests are waiting", headers={"Retry-After": "1"})),
        (Exception, lambda _, error: failure(500, "the server has failed; its log says why")),
    ):
        app.add_exception_handler(kind, handler)
    app.get("/health")(health)
    app.get("/v1/models")(models)
    app.get("/v1/models/{name:path}")(one_model)
    app.post("/v1/chat/completions")(chat)
    app.post("/v1/completions")(complete)
    app.get("/tokenizer_info")(tokenizer_info)
    app.post("/tokenize")(tokenize)
    app.post("/detokenize")(detokenize)
    return app


async def health() -> dict:
    return {"status": "ok"}


def about(model: Model) -> dict:
    """`max_model_len` leaves out the BOS that every prompt gets."""
    return {"id": model.name, "object": "model", "created": 0, "owned_by": "jaxlm", "max_model_len": model.max_len - 1}


async def models(request: Request) -> dict:
    return {"object": "list", "data": [about(request.app.state.model)]}


async def one_model(name: str, request: Request) -> dict:
    require(request.app.state.model, name)
    return about(request.app.state.model)


def require(model: Model, name: str) -> None:
    if name != model.name:
        raise HTTPException(404, f"model: there is no {name!r} here; there is {model.name!r}")


async def chat(body: schemas.ChatRequest, request: Request) -> Response:
    """POST /v1/chat/completions. The client's tools are named to the model, and let it call.

    Where the gate does not let the model answer, every choice is the abstention, whole whatever `max_tokens` says, with
    no token counted. A client that offers tools gets no abstention: it may let the model search, and a question that is
    refused before the model has read it could never lead to a call.
    """
    model = request.app.state.model
    require(model, body.model)
    if not model.tuned:
        raise UserError(f"model: {model.name} was not taught to converse: use /v1/completions")
    if body.top_logprobs and not body.logprobs:
        raise UserError("top_logprobs: it needs logprobs: true")
    messages = [message.plain() for message in body.messages]
    calls = bool(body.tools) and body.tool_choice != "none"
    if calls:
        messages = offering(messages, [tool.model_dump() for tool in body.tools])
    ids = (await asyncio.to_thread(render, messages, model.tokenizer, generation=True)).ids.tolist()
    model.check(ids, new=1)
    stop = tuple(id for id in ENDS if id != CALL or not calls)
    requests = sampling(body, model, body.max_completion_tokens or body.max_tokens or model.max_len, stop)

    def answers() -> Answers:
        refused = model.gate is not None and not calls and model.gate(messages)
        for index, each in enumerate(requests):
            if refused:
                yield index, refusal(body.stops())
                continue
            for piece in chat_pieces(model.stream(ids, each), model.tokenizer, body.stops()):
                yield index, piece

    top = (body.top_logprobs or 0) if body.logprobs else None
    return await answer(request, body, answers, Payload("chat", model.name, model.tokenizer, len(ids), top))


async def complete(body: schemas.CompletionRequest, request: Request) -> Response:
    """POST /v1/completions. Choice `p * n + i` is the i-th for prompt p.

    The symbol that ends an answer is among its tokens, without text: a harness that asks for the log-probabilities of a
    prompt and one token more expects one more, whatever that is.
    """
    model = request.app.state.model
    require(model, body.model)
    new = DEFAULT_NEW if body.max_tokens is None else body.max_tokens
    if not new and not body.echo:
        raise UserError("max_tokens: 0 needs echo: true, there is nothing to answer otherwise")
    documents = await asyncio.to_thread(lambda: [model.document(prompt) for prompt in body.prompts()])
    for ids in documents:
        model.check(ids, new=min(new, 1))
    requests = sampling(body, model, max(new, 1), stop=())
    # A BOS that the client did not send is not shown to it.
    shown = [ids[len(ids) - len(p) :] if isinstance(p, list) else ids[1:] for p, ids in zip(body.prompts(), documents)]

    def answers() -> Answers:
        scored = model.score(documents, max(body.logprobs or 0, 1)) if body.echo else []
        for prompt, ids in enumerate(documents):
            heads = [echo(shown[prompt], scored[prompt], model.tokenizer, body.logprobs or 0)] if body.echo else []
            for index, each in enumerate(requests, prompt * len(requests)):
                yield from ((index, head) for head in heads)
                if not new:
                    yield index, Piece(finish="length")
                    continue
                begin = len(heads[0].text) if heads else 0
                for piece in pieces(model.stream(ids, each), model.tokenizer, body.stops(), "", begin, ENDS):
                    yield index, piece

    payload = Payload("text", model.name, model.tokenizer, sum(map(len, documents)), body.logprobs)
    return await answer(request, body, answers, payload)


def sampling(body: schemas.Request, model: Model, new: int, stop: tuple[int, ...]) -> list[Sampling]:
    """One request of the sampler for each choice, with random numbers of its own."""
    seed = secrets.randbits(32) if body.seed is None else body.seed
    first = Sampling(
        temperature=1.0 if body.temperature is None else body.temperature,
        top_p=1.0 if body.top_p is None else body.top_p,
        max_new=min(new, model.max_len),
        stop=stop,
    )
    return [dataclasses.replace(first, seed=(seed + index) % 2**32) for index in range(body.n or 1)]


async def answer(request: Request, body: schemas.Request, answers: Callable[[], Answers], payload: Payload) -> Response:
    """Has the worker make the answers; a client that hangs up, waiting or served, frees it."""
    source = request.app.state.worker.run(answers)
    if body.stream:
        first = await while_connected(request.receive, anext(source))
        if first is None:
            return Response(status_code=CLIENT_GONE)
        usage = body.stream_options is not None and body.stream_options.include_usage
        return StreamingResponse(events(first, source, payload, usage), media_type="text/event-stream")
    whole = await while_connected(request.receive, collect(source))
    return Response(status_code=CLIENT_GONE) if whole is None else JSONResponse(payload.whole(whole))


async def collect(source: AsyncGenerator) -> list:
    async with contextlib.aclosing(source):
        return [item async for item in source]


async def events(first: tuple[int, Piece], source: AsyncGenerator, payload: Payload, usage: bool) -> AsyncGenerator:
    """Server-sent events; what fails once the stream has begun is its last event."""

    def event(data: dict) -> str:
        return f"data: {json.dumps(data, ensure_ascii=False)}\n\n"

    async with contextlib.aclosing(source):
        try:
            yield event(payload.chunk(*first))
            async for index, piece in source:
                yield event(payload.chunk(index, piece))
        except Exception as error:
            known = isinstance(error, UserError)
            message = str(error) if known else "the server has failed; its log says why"
            yield event(json.loads(failure(400 if known else 500, message).body))
            if not known:
                raise
            return
    if usage:
        yield event(payload.last_chunk())
    yield "data: [DONE]\n\n"


async def tokenizer_info(request: Request) -> dict:
    model = request.app.state.model
    names = {"bos_token": CONTROL[BOS], "eos_token": CONTROL[EOS], "pad_token": CONTROL[PAD]}
    return names | {"vocab_size": model.tokenizer.vocab_size, "model_max_length": model.max_len - 1}


async def tokenize(body: schemas.TokenizeRequest, request: Request) -> dict:
    """A prompt that is nothing but a control symbol's name gives that symbol: harnesses ask so for the ids of those.

    No other text does, and none ever does where text is answered.
    """
    model = request.app.state.model
    if body.prompt in model.tokenizer.control:
        tokens = [model.tokenizer.control[body.prompt]]
    else:
        tokens = (await asyncio.to_thread(model.tokenizer.encode, body.prompt)).tolist()
        tokens = [BOS, *tokens] if body.add_special_tokens else tokens
    return {"tokens": tokens, "count": len(tokens), "max_model_len": model.max_len - 1}


async def detokenize(body: schemas.DetokenizeRequest, request: Request) -> dict:
    tokenizer = request.app.state.model.tokenizer
    if body.tokens and max(body.tokens) >= tokenizer.vocab_size:
        raise UserError(f"tokens: ids must be 0 to {tokenizer.vocab_size - 1}")
    return {"prompt": tokenizer.decode(body.tokens)}
