"""The second tool: arithmetic, by walking a syntax tree in which only numbers and operators are known."""

import ast
import operator
import re

from jaxlm.errors import UserError
from jaxlm.honesty.tools import Tool

MAX_LENGTH = 200  # characters of an expression
MAX_BITS = 1024  # of a whole number, given or computed on the way
OPERATORS = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
    ast.UAdd: operator.pos,
    ast.USub: operator.neg,
}
# What people and models write for operators; a caret is a power, as on pocket calculators.
SPELLINGS = {"×": "*", "÷": "/", "−": "-", "^": "**"}
_THOUSANDS = re.compile(r"(?<=\d),(?=\d{3}(?!\d))")
_ALLOWED = re.compile(r"[0-9eE.+\-*/%() ]+")


def calculate(expression: str) -> str:
    """The value of an expression in + - * / // % ** ( ) and numbers: whole numbers exactly, others to 12 digits.

    Raises UserError for anything else, a division by zero, or a number that is too large.
    """
    if len(expression) > MAX_LENGTH:
        raise UserError(f"expected at most {MAX_LENGTH} characters")
    for written, symbol in SPELLINGS.items():
        expression = expression.replace(written, symbol)
    expression = _THOUSANDS.sub("", expression).strip()
    if not _ALLOWED.fullmatch(expression):
        raise UserError("expected numbers and + - * / // % ** ( ) only")
    try:
        value = _value(ast.parse(expression, mode="eval").body)
    except (SyntaxError, MemoryError, RecursionError):  # the parser's stack, for brackets in brackets in brackets
        raise UserError(f"not an expression: {expression}") from None
    except ZeroDivisionError:
        raise UserError("division by zero") from None
    except OverflowError:
        raise UserError("a number is too large") from None
    return str(value) if isinstance(value, int) else f"{value:.12g}"


def _value(node: ast.AST) -> int | float:
    match node:
        case ast.Constant(value=int() | float() as number):
            return _bounded(number)
        case ast.UnaryOp(op=op, operand=operand) if type(op) in OPERATORS:
            return OPERATORS[type(op)](_value(operand))
        case ast.BinOp(left=left, op=ast.Pow(), right=right):
            return _bounded(_power(_value(left), _value(right)))
        case ast.BinOp(left=left, op=op, right=right) if type(op) in OPERATORS:
            return _bounded(OPERATORS[type(op)](_value(left), _value(right)))
    raise SyntaxError("no arithmetic")


def _power(base: int | float, exponent: int | float) -> int | float:
    """The power, refused before it is computed where it would have too many bits."""
    if isinstance(base, int) and isinstance(exponent, int) and abs(base) > 1:
        if base.bit_length() * abs(exponent) > 2 * MAX_BITS:
            raise OverflowError
        return base**exponent
    value = base**exponent
    if isinstance(value, complex):
        raise UserError("the root of a negative number is not real")
    return value


def _bounded(value: int | float) -> int | float:
    if isinstance(value, int) and value.bit_length() > MAX_BITS:
        raise OverflowError
    if isinstance(value, float) and value - value != 0:  # infinite, or not a number
        raise OverflowError
    return value


CALCULATOR = Tool(
    name="calculator",
    description="Computes an arithmetic expression, such as (3 + 4) * 2.5.",
    parameters=dict(
        type="object",
        properties=dict(expression=dict(type="string", minLength=1, maxLength=MAX_LENGTH)),
        required=["expression"],
        additionalProperties=False,
    ),
    function=calculate,
)
