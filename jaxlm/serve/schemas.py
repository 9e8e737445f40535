"""What a request may say: OpenAI's fields with bounds on all of them, and nothing that would be silently ignored.

A field that OpenAI has and this server does not is accepted at the value that changes nothing, and refused otherwise.
"""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StrictInt

MAX_TEXT = 400_000  # characters of one text; what the model can hold is judged in tokens, later
MAX_MESSAGES = 500
MAX_PROMPTS = 64
MAX_CHOICES = 8
MAX_STOPS = 16
MAX_TOP = 5  # alternatives beside each token, as many as jaxlm.generate.stream reports

Text = Annotated[str, Field(max_length=MAX_TEXT)]
Token = Annotated[StrictInt, Field(ge=0, lt=2**31)]
Tokens = Annotated[list[Token], Field(min_length=1, max_length=100_000)]
Stop = Annotated[str, Field(min_length=1, max_length=256)]


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)


class StreamOptions(Strict):
    include_usage: bool = False


class Request(Strict):
    """What chat and text completions share."""

    model: Annotated[str, Field(max_length=256)]
    temperature: Annotated[float, Field(ge=0, le=2)] | None = None
    top_p: Annotated[float, Field(gt=0, le=1)] | None = None
    seed: Annotated[StrictInt, Field(ge=-(2**63), lt=2**63)] | None = None
    n: Annotated[StrictInt, Field(ge=1, le=MAX_CHOICES)] | None = None
    stop: Stop | Annotated[list[Stop], Field(max_length=MAX_STOPS)] | None = None
    stream: bool | None = None
    stream_options: StreamOptions | None = None
    user: Annotated[str, Field(max_length=256)] | None = None  # these two are for the caller's own books
    metadata: Annotated[dict[str, str], Field(max_length=16)] | None = None
    frequency_penalty: Annotated[float, Field(ge=0, le=0)] | None = None
    presence_penalty: Annotated[float, Field(ge=0, le=0)] | None = None
    logit_bias: Annotated[dict[str, float], Field(max_length=0)] | None = None

    def stops(self) -> list[str]:
        return [self.stop] if isinstance(self.stop, str) else self.stop or []


class Part(Strict):
    type: Literal["text"]
    text: Text


class Called(Strict):
    name: Annotated[str, Field(max_length=256)]
    arguments: Text


class Call(Strict):
    id: Annotated[str, Field(max_length=256)] = ""
    type: Literal["function"] = "function"
    function: Called


class Message(Strict):
    role: Literal["system", "developer", "user", "assistant", "tool"]
    content: Text | Annotated[list[Part], Field(max_length=64)] | None = None
    tool_calls: Annotated[list[Call], Field(max_length=32)] | None = None
    tool_call_id: Annotated[str, Field(max_length=256)] | None = None
    name: Annotated[str, Field(max_length=256)] | None = None
    refusal: None = None  # these three stand empty in what the API's own answers are sent back as
    audio: None = None
    annotations: Annotated[list, Field(max_length=0)] | None = None

    def plain(self) -> dict[str, Any]:
        """The fields that jaxlm.text.conversation reads."""
        message = self.model_dump(include={"role", "content", "tool_calls"}, exclude_none=True)
        return message | {"content": message.get("content", ""), "role": self.role.replace("developer", "system")}


class Function(Strict):
    name: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,64}$")]
    description: Text | None = None
    parameters: dict[str, Any] | None = None
    strict: bool | None = None


class Tool(Strict):
    type: Literal["function"]
    function: Function


class ResponseFormat(Strict):
    type: Literal["text"]


class ChatRequest(Request):
    messages: Annotated[list[Message], Field(min_length=1, max_length=MAX_MESSAGES)]
    max_tokens: Annotated[StrictInt, Field(ge=1, lt=2**31)] | None = None
    max_completion_tokens: Annotated[StrictInt, Field(ge=1, lt=2**31)] | None = None
    logprobs: bool | None = None
    top_logprobs: Annotated[StrictInt, Field(ge=0, le=MAX_TOP)] | None = None
    tools: Annotated[list[Tool], Field(max_length=64)] | None = None
    tool_choice: Literal["auto", "none"] | None = None
    parallel_tool_calls: Literal[True] | None = None
    response_format: ResponseFormat | None = None


class CompletionRequest(Request):
    prompt: Text | Tokens | Annotated[list[Text] | list[Tokens], Field(min_length=1, max_length=MAX_PROMPTS)]
    max_tokens: Annotated[StrictInt, Field(ge=0, lt=2**31)] | None = None
    logprobs: Annotated[StrictInt, Field(ge=0, le=MAX_TOP)] | None = None
    echo: bool | None = None
    suffix: None = None
    best_of: Literal[1] | None = None

    def prompts(self) -> list[str | list[int]]:
        """The prompts one by one, each a text or its tokens."""
        single = isinstance(self.prompt, str) or isinstance(self.prompt[0], int)
        return [self.prompt] if single else self.prompt


class TokenizeRequest(Strict):
    prompt: Text
    model: Annotated[str, Field(max_length=256)] | None = None
    add_special_tokens: bool = True


class DetokenizeRequest(Strict):
    tokens: Annotated[list[Token], Field(max_length=100_000)]
    model: Annotated[str, Field(max_length=256)] | None = None
