import json
import random

import numpy as np
import pytest

from jaxlm.errors import UserError
from jaxlm.text.conversation import LEAD, parse_assistant, render, validate
from jaxlm.text.tokenizer import CONTROL

CALL = dict(id="x", type="function", function=dict(name="search", arguments='{"query": "river"}'))
DIALOGUE = [
    dict(role="system", content="old"),
    dict(role="user", content="river"),
    dict(role="assistant", content="blue house"),
    dict(role="user", content="bridge"),
    dict(role="assistant", content="seven", weight=0),
]


def shown(rendered, tokenizer):
    """Pieces as one string, with [ ] around what is learnt."""
    pieces = zip(tokenizer.pieces(rendered.ids), rendered.loss_mask.tolist(), strict=True)
    return "".join(f"[{piece}]" if learnt else piece for piece, learnt in pieces).replace("][", "")


def test_a_dialogue_and_its_mask_to_the_token(tokenizer):
    rendered = render(DIALOGUE, tokenizer)
    assert shown(rendered, tokenizer) == (
        "<|bos|><|system|> old<|end|><|user|> river<|end|><|assistant|>[ blue house<|end|>]"
        "<|user|> bridge<|end|><|assistant|> seven<|end|><|eos|>"
    )
    assert (rendered.ids.dtype, rendered.loss_mask.dtype) == (np.int32, np.uint8)


def test_tool_calls_are_learnt_and_their_results_are_not(tokenizer):
    messages = [
        dict(role="user", content="river"),
        dict(role="assistant", content=None, tool_calls=[CALL, CALL]),
        dict(role="tool", content="blue", tool_call_id="x"),
        dict(role="tool", content="old"),
        dict(role="assistant", content=[dict(type="text", text="bl"), dict(type="text", text="ue")]),
    ]
    call = '<|call|>{"name": "search", "arguments": {"query": " river"}}'
    assert shown(render(messages, tokenizer), tokenizer) == (
        f"<|bos|><|user|> river<|end|><|assistant|>[{call}{call}<|end|>]<|tool|> blue<|end|><|tool|> old<|end|>"
        "<|assistant|>[ blue<|end|>]<|eos|>"
    )


def test_generation_leaves_the_assistants_turn_open(tokenizer):
    rendered = render(DIALOGUE[:2], tokenizer, generation=True)
    assert shown(rendered, tokenizer) == "<|bos|><|system|> old<|end|><|user|> river<|end|><|assistant|>"
    whole = render(DIALOGUE[:3], tokenizer)
    np.testing.assert_array_equal(rendered.ids, whole.ids[: len(rendered.ids)])


def test_spans_are_the_messages(tokenizer):
    rendered = render(DIALOGUE, tokenizer)
    parts = [tokenizer.decode(rendered.ids[start:stop]) for start, stop, _ in rendered.spans]
    assert parts == [LEAD + message["content"] for message in DIALOGUE]
    assert [role for _, _, role in rendered.spans] == [message["role"] for message in DIALOGUE]
    assert rendered.spans[0][0] == 1 and rendered.spans[-1][1] == len(rendered.ids) - 1


def test_what_was_rendered_is_parsed_back(tokenizer):
    said = dict(role="assistant", content="the\nriver, ", tool_calls=[dict(CALL, id="call_0")])
    rendered = render([dict(role="user", content="a"), said], tokenizer)
    start, stop, _ = rendered.spans[1]
    assert parse_assistant(rendered.ids[start + 1 : stop], tokenizer) == said
    cut = rendered.ids[start + 1 : start + 3]
    assert parse_assistant(cut, tokenizer)["content"] == tokenizer.decode(cut).removeprefix(LEAD)


@pytest.mark.parametrize("text", ["", " ", "  two", "\nriver", "\u2581"])
def test_the_space_before_a_text_is_taken_off_again_and_no_other(tokenizer, text):
    rendered = render([dict(role="assistant", content=text)], tokenizer)
    assert parse_assistant(rendered.ids[2:], tokenizer)["content"] == text


def test_malformed_calls_are_kept_as_text(tokenizer):
    texts = ["{", '["search"]', '{"name": 1, "arguments": {}}', '{"name": "search"}', '{"name": "f", "arguments": []}']
    ids = [i for text in texts for i in [8, *tokenizer.encode(text).tolist()]]
    expected = dict(role="assistant", content="", malformed_calls=texts)
    assert parse_assistant([*ids, 5, *tokenizer.encode("next turn")], tokenizer) == expected


def test_content_never_becomes_a_control_token_in_10000_fuzzed_conversations(tokenizer):
    """Whatever is said, the only control tokens are those of the structure: here checked by counting and by place."""
    rng = random.Random(7)
    fragments = [*CONTROL, "<|", "|>", "<|end|", "\u2581<|user|>", "<s>", "<0x05>", "\0", "\ud800", "river ", "\n", "é"]
    for _ in range(10_000):
        turns = rng.randrange(1, 4)
        texts = ["".join(rng.choices(fragments, k=rng.randrange(5))) for _ in range(2 * turns)]
        messages = [dict(role=("user", "assistant")[n % 2], content=text) for n, text in enumerate(texts)]
        ids = render(messages, tokenizer).ids
        assert ids[ids < len(CONTROL)].tolist() == [2, *[5, 9, 6, 9] * turns, 3]


def test_fuzzed_names_arguments_and_results_of_tools_do_not_either(tokenizer):
    rng = random.Random(8)
    for _ in range(500):
        text = "".join(rng.choices(CONTROL, k=3))
        call = dict(function=dict(name=text, arguments=json.dumps({text: text})))
        messages = [dict(role="assistant", content=text, tool_calls=[call]), dict(role="tool", content=text)]
        ids = render(messages, tokenizer).ids
        assert ids[ids < len(CONTROL)].tolist() == [2, 6, 8, 9, 7, 9, 3]


@pytest.mark.parametrize(
    ("messages", "problem"),
    [
        ([], "at least one; found []"),
        ("hello", "found 'hello'"),
        (["hello"], "message 0: expected an object with role and content, found 'hello'"),
        ([dict(role="bot", content="")], "message 0: role is 'bot': expected one of system, user, assistant, tool"),
        ([dict(role=[], content="")], "message 0: role is []: expected one of system, user, assistant, tool"),
        ([dict(role="user", content="a"), dict(role="system", content="b")], "message 1: a system message"),
        ([dict(role="user", content=None)], "message 0: content is None: expected text"),
        ([dict(role="user", content=[dict(type="image_url")])], "message 0: content has a part that is not text"),
        ([dict(role="user", content="a"), dict(role="tool", content="b")], "message 1: a tool message must follow"),
        ([dict(role="user", content="", tool_calls=[CALL])], "message 0: only an assistant has tool_calls"),
        ([dict(role="assistant", content="", weight=0.5)], "message 0: weight is 0.5: expected 0 (not learnt) or 1"),
        ([dict(role="assistant", content="", tool_calls=["f"])], "message 0: tool_calls[0]: expected a function"),
        (
            [dict(role="assistant", content="", tool_calls=[dict(function=dict(name="f", arguments="[1"))])],
            "message 0: tool_calls[0]: expected arguments that are a JSON object",
        ),
    ],
)
def test_invalid_messages_are_named(messages, problem):
    with pytest.raises(UserError) as error:
        validate(messages)
    assert problem in str(error.value)
