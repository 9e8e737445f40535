import pytest

from jaxlm.errors import UserError
from jaxlm.honesty.schema import check_schema, problem

POINT = dict(type="object", properties=dict(x=dict(type="number", minimum=0)), required=["x"])


@pytest.mark.parametrize(
    ("schema", "good", "bad", "said"),
    [
        (dict(type="integer"), [0, -3, 10**30], True, "arguments: expected integer, found True"),
        (dict(type="integer"), [1], 1.0, "arguments: expected integer, found 1.0"),
        (dict(type="number"), [0, 1.5], float("nan"), "arguments: expected number, found nan"),
        (dict(type="boolean"), [True, False], 1, "arguments: expected boolean, found 1"),
        (dict(type="null"), [None], 0, "arguments: expected null, found 0"),
        (dict(enum=["a", "b"]), ["a"], "c", "arguments: expected one of 'a', 'b', found 'c'"),
        (dict(type="string", maxLength=3), ["", "abc"], "abcd", "arguments: expected at most 3 characters, found 4"),
        (dict(minLength=1), ["a", 0, []], "", "arguments: expected at least 1 characters, found 0"),
        (dict(maximum=5), [5, "long", True], 5.5, "arguments: expected at most 5, found 5.5"),
        (dict(type="array", minItems=1), [[1]], [], "arguments: expected at least 1 items, found 0"),
        (
            dict(items=POINT),
            [[], [dict(x=1)]],
            [dict(x=1), dict(x=-1)],
            "arguments[1].x: expected at least 0, found -1",
        ),
        (POINT, [dict(x=0), dict(x=0, y=1)], dict(y=1), "x: missing"),
        (dict(POINT, additionalProperties=False), [dict(x=0)], dict(x=0, y=1), "y: unknown; expected x"),
        (
            dict(properties=dict(p=POINT)),
            [{}, dict(p=dict(x=1))],
            dict(p=dict(x="1")),
            "p.x: expected number, found '1'",
        ),
    ],
)
def test_values(schema, good, bad, said):
    check_schema(schema)
    assert [problem(value, schema) for value in good] == [None] * len(good)
    assert problem(bad, schema) == said


@pytest.mark.parametrize(
    ("schema", "place"),
    [
        (dict(pattern="a"), "parameters: the keyword 'pattern' is not supported"),
        (dict(type="text"), "parameters.type='text': expected one of string"),
        (dict(type=["string", "null"]), "parameters.type="),
        (dict(items=dict(properties=dict(a={"$ref": "#"}))), "parameters.items.properties.a: the keyword"),
        (dict(additionalProperties=POINT), "parameters.additionalProperties: expected true or false"),
        (True, "parameters: expected a JSON schema"),
    ],
)
def test_what_would_not_be_checked_is_refused(schema, place):
    with pytest.raises(UserError) as caught:
        check_schema(schema)
    assert str(caught.value).startswith(place)
