import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jaxlm.errors import UserError
from jaxlm.honesty.calculator import CALCULATOR, calculate
from jaxlm.honesty.tools import run_call


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("2 + 3 * 4", "14"),
        ("(2 + 3) * -4", "-20"),
        ("7 // 2 + 7 % 2", "4"),
        ("8 / 2", "4"),
        ("1 / 3", "0.333333333333"),
        ("0.1 + 0.2", "0.3"),
        ("2 ** 10", "1024"),
        ("2^0.5", "1.41421356237"),
        ("1,234,567 × 2 − 1", "2469133"),
        ("-2 ** 2", "-4"),
        ("1e3 * 1.5", "1500"),
        ("123456789 ** 8", str(123456789**8)),
        ("1 ** 99999999999", "1"),
    ],
)
def test_values(expression, value):
    assert calculate(expression) == value


@pytest.mark.parametrize(
    ("expression", "said"),
    [
        ("__import__('os')", "expected numbers and"),
        ("x + 1", "expected numbers and"),
        ("1, 2", "expected numbers and"),
        ("1_000", "expected numbers and"),
        ("1j", "expected numbers and"),
        ("", "expected numbers and"),
        ("2 +", "not an expression"),
        ("1 2", "not an expression"),
        ("1(2)", "not an expression"),
        ("...", "not an expression"),
        ("(" * 199, "not an expression"),
        ("1 / (2 - 2)", "division by zero"),
        ("0 ** -1", "division by zero"),
        ("9 ** 9 ** 9 ** 9", "a number is too large"),
        ("2 ** 99999999999", "a number is too large"),
        ("1e308 * 10", "a number is too large"),
        ("1e999", "a number is too large"),
        ("(-8) ** 0.5", "the root of a negative number is not real"),
        ("1 + " * 60 + "1", "expected at most 200 characters"),
    ],
)
def test_what_is_refused(expression, said):
    with pytest.raises(UserError) as caught:
        calculate(expression)
    assert str(caught.value).startswith(said)


@given(st.text(alphabet="0123456789.+-*/%()e, ^", max_size=40))
def test_any_text_gives_a_number_or_one_line(expression):
    try:
        assert math.isfinite(float(calculate(expression)))
    except UserError as error:
        assert "\n" not in str(error)


def test_as_a_tool():
    assert run_call([CALCULATOR], dict(name="calculator", arguments='{"expression": "6 * 7"}')) == "42"
    assert run_call([CALCULATOR], dict(name="calculator", arguments={"expression": "6 *"})) == (
        "Error: calculator: not an expression: 6 *"
    )
