import pytest

from jaxlm.errors import UserError
from jaxlm.evals import instructions

LIST = {"type": "list", "n": 2, "items": ["chess", "rowing"]}


@pytest.mark.parametrize(
    ("check", "right", "wrong"),
    [
        (LIST, "Here:\n- chess\n- Rowing.", "- chess\n- rowing\n- chess"),
        (LIST, "1. chess\n2) rowing", "chess, rowing"),
        (LIST, "1. chess\n2. rowing", "1. chess\n2. soap"),
        ({"type": "json", "keys": ["name", "town"]}, '{"name": "A", "town": "B"}', '{"name": "A"}'),
        ({"type": "json", "keys": ["name"]}, ' {"name": 1}\n', '{"name": "A"'),
        ({"type": "json", "keys": ["name"]}, '{"name": 1}', '["name"]'),
        ({"type": "regex", "pattern": r"^\d{4}$"}, "1950", "in 1950"),
        ({"type": "contains", "any": ["hello", "hi"]}, "Hi!", "This is it"),
        ({"type": "refuse"}, "I’m sorry, I can’t help with that.", "Sure, first take"),
        ({"type": "words", "n": 3}, "three words here", "two words"),
        ({"type": "upper"}, "ORRIN, 1950.", "Orrin"),
        ({"type": "upper"}, "ORRIN", "1950"),
        ({"type": "count", "n": 3}, "There are three.", "There are 13."),
    ],
)
def test_checks_tell_right_from_wrong(check, right, wrong):
    assert instructions.is_followed(check, right)
    assert not instructions.is_followed(check, wrong)
    assert not instructions.is_followed(check, "")


def test_unknown_check_is_the_users_mistake():
    with pytest.raises(UserError, match=r"check\.type.*'haiku'"):
        instructions.is_followed({"type": "haiku"}, "")


def test_figures_by_type_and_in_all():
    rows = [("list", True), ("list", False), ("upper", True), ("upper", True)]
    items = [{"model": "base", "task": kind, "right": right} for kind, right in rows]
    assert {row["check"]: row["p"] for row in instructions.figures(items)} == {"list": 0.5, "upper": 1.0, "all": 0.75}
