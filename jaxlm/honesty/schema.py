"""The part of JSON Schema that tools' arguments need, checked when a tool is made and when it is called.

A schema with any other keyword is refused when the tool is made: nothing is accepted in a schema and then not checked.
"""

import math

from jaxlm.errors import UserError

TYPES = dict(string=str, integer=int, number=(int, float), boolean=bool, array=list, object=dict, null=type(None))
ANNOTATIONS = ("title", "description", "default", "examples")
KEYWORDS = (
    *("type", "enum", "minimum", "maximum", "minLength", "maxLength", "minItems", "maxItems", "items"),
    *("properties", "required", "additionalProperties", *ANNOTATIONS),
)
# Keyword, whether it is the least allowed, the types it is about, and what is measured of a value.
_BOUNDS = (
    ("minimum", True, (int, float), lambda value: value, ""),
    ("maximum", False, (int, float), lambda value: value, ""),
    ("minLength", True, str, len, " characters"),
    ("maxLength", False, str, len, " characters"),
    ("minItems", True, list, len, " items"),
    ("maxItems", False, list, len, " items"),
)


def check_schema(schema: dict, place: str = "parameters") -> None:
    """Raises UserError that names the place of a keyword or type that `problem` would not check."""
    if not isinstance(schema, dict):
        raise UserError(f"{place}: expected a JSON schema, found {schema!r}")
    if unknown := sorted(schema.keys() - set(KEYWORDS)):
        raise UserError(f"{place}: the keyword '{unknown[0]}' is not supported; supported are {', '.join(KEYWORDS)}")
    if "type" in schema and schema["type"] not in list(TYPES):  # it may be unhashable
        raise UserError(f"{place}.type={schema['type']!r}: expected one of {', '.join(TYPES)}")
    if not isinstance(schema.get("additionalProperties", True), bool):
        raise UserError(f"{place}.additionalProperties: expected true or false")
    for name, child in schema.get("properties", {}).items():
        check_schema(child, f"{place}.properties.{name}")
    if "items" in schema:
        check_schema(schema["items"], f"{place}.items")


def problem(value, schema: dict, place: str = "") -> str | None:
    """The first thing wrong with a value, in words; None when it is as the schema says.

    Args:
        value: what JSON gave.
        schema: one that `check_schema` accepts.
        place: name of the value in the message, such as `points[2].x`.
    """
    name = place or "arguments"
    if "type" in schema and not _is(value, schema["type"]):
        return f"{name}: expected {schema['type']}, found {_shown(value)}"
    if "enum" in schema and value not in schema["enum"]:
        return f"{name}: expected one of {', '.join(map(_shown, schema['enum']))}, found {_shown(value)}"
    for keyword, least, types, measure, unit in _BOUNDS:
        if keyword in schema and isinstance(value, types) and not isinstance(value, bool):
            limit, size = schema[keyword], measure(value)
            if size < limit if least else size > limit:
                return f"{name}: expected at {'least' if least else 'most'} {limit}{unit}, found {size}"
    if isinstance(value, dict):
        return _object_problem(value, schema, place)
    if isinstance(value, list) and "items" in schema:
        problems = (problem(item, schema["items"], f"{name}[{n}]") for n, item in enumerate(value))
        return next((text for text in problems if text), None)
    return None


def _object_problem(value: dict, schema: dict, place: str) -> str | None:
    properties, prefix = schema.get("properties", {}), f"{place}." if place else ""
    for name in schema.get("required", ()):
        if name not in value:
            return f"{prefix}{name}: missing"
    for name, child in value.items():
        if name in properties:
            if text := problem(child, properties[name], prefix + name):
                return text
        elif not schema.get("additionalProperties", True):
            return f"{prefix}{_shown(name)[1:-1]}: unknown; expected {', '.join(properties) or 'nothing'}"
    return None


def _is(value, kind: str) -> bool:
    """Whether a value has a JSON type: true is no number, and NaN and infinity are none of JSON's."""
    if isinstance(value, bool):
        return kind == "boolean"
    if isinstance(value, float) and not math.isfinite(value):
        return False
    return isinstance(value, TYPES[kind])


def _shown(value) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."
