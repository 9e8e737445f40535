"""Conversations as a person reads them: who says what, what was looked up, and how it turned out."""

import json
from collections.abc import Sequence

import numpy as np

from jaxlm.report import parts
from jaxlm.report.html import Child, Markup, element, join

WHO = {"system": "system", "user": "user", "assistant": "model", "tool": "result"}
SIGNS = {"right": ("✓", "right"), "wrong": ("✗", "wrong"), "abstain": ("–", "soft")}
SAID = {"right": "right", "wrong": "wrong", "abstain": "not sure"}
LONGEST = 900  # characters of a turn


def draw(items: Sequence[dict], limit: int = 1) -> list[dict]:
    """At most `limit` of the items, drawn at random, the same ones each time."""
    order = np.random.Generator(np.random.PCG64(len(items))).permutation(len(items))
    return [items[i] for i in sorted(order[:limit].tolist())]


def figure(title: str, talks: Sequence[Markup], caption: str, *folds: Markup | None) -> Markup | None:
    """Conversations side by side; None without any."""
    return parts.figure(title, element("div", talks, class_="talks"), caption, *folds) if talks else None


def talk(heading: Child, messages: Sequence[dict], mark: str = "", about: str = "") -> Markup:
    """One conversation.

    Args:
        heading: what it is an example of.
        messages: of OpenAI's schema; a `name` stands in place of the role, a `mark` is shown beside the text.
        mark: "right", "abstain" or "wrong", of the last turn.
        about: what should have been said, and what else there is to know.
    """
    turns = [_turn(message) for message in messages]
    sign = verdict(mark) if mark else None
    foot = element("p", sign, " · " if sign and about else None, about, class_="foot") if sign or about else None
    return element("div", element("h4", heading), turns, foot, class_="talk")


def verdict(mark: str) -> Markup:
    """A mark as sign and word."""
    sign, style = SIGNS[mark]
    return element("span", f"{sign} {SAID[mark]}", class_=f"{style} short")


def user(text: str) -> dict:
    return {"role": "user", "content": text}


def said(text: str, name: str = "model", mark: str = "") -> dict:
    """What a model of some name answered."""
    return {"role": "assistant", "name": name, "content": text, "mark": mark}


def searched(results: str, query: str = "") -> list[dict]:
    """A search and what it found; without the query where that was not written down."""
    arguments = json.dumps({"query": query}) if query else "…"
    call = {"type": "function", "function": {"name": "search", "arguments": arguments}}
    return [{"role": "assistant", "content": "", "tool_calls": [call]}, {"role": "tool", "content": results}]


def _turn(message: dict) -> Markup | None:
    role, text = message["role"], _text(message)
    calls = [_call(call) for call in message.get("tool_calls") or ()]
    if not text and not calls and role == "system":
        return None
    shown = element("span", text or "(nothing)", class_="said") if text or not calls else None
    sign = join(" ", verdict(message["mark"])) if message.get("mark") else None
    who = element("span", message.get("name") or WHO.get(role, role), class_="who")
    return element("div", who, element("div", shown, calls, sign), class_=f"turn {role if role in WHO else 'user'}")


def _text(message: dict) -> str:
    content = message.get("content") or ""
    text = content if isinstance(content, str) else " ".join(part.get("text", "") for part in content)
    text = text.strip()
    return text[:LONGEST].rstrip() + " …" * (len(text) > LONGEST)


def _call(call: dict) -> Markup:
    function = call.get("function", call)
    arguments = function.get("arguments", "")
    if isinstance(arguments, str):
        try:
            arguments = json.loads(arguments)
        except json.JSONDecodeError:
            return element("code", f"{function.get('name')}({arguments[:LONGEST]})", class_="call")
    told = arguments.items() if isinstance(arguments, dict) else [("", arguments)]
    inside = ", ".join(f"{name}={json.dumps(value, ensure_ascii=False)}" for name, value in told)
    return element("code", f"{function.get('name')}({inside[:LONGEST]})", class_="call")
