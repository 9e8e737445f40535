"""Escaping: nothing but `Markup` is markup."""

import html.parser

import pytest

from jaxlm.report.html import Markup, element, escape, join


class Outline(html.parser.HTMLParser):
    """Collects the tags with their attributes, and the text."""

    def __init__(self, page: str):
        super().__init__()
        self.tags, self.text = [], ""
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data):
        self.text += data


@pytest.mark.parametrize("text", ["<b>", "&amp;", "\"'", "</script><script>x</script>", "a\nb\tc", "ü 東京 🦆"])
def test_text_comes_back_as_it_was_and_makes_no_tags(text):
    found = Outline(element("p", text, title=text).text)
    assert found.text == text
    assert found.tags == [("p", {"title": text})]


def test_what_html_cannot_hold_is_made_visible():
    assert escape("a\x00\x1b\x7f") == "a\u2400\u241b\u2421"
    assert escape("\ud800") == "?"
    assert escape("\u202eevil") == "\ufffdevil"


def test_children_flatten_and_none_is_left_out():
    assert join("<", None, [Markup("<hr>"), [3, iter("ab")]]).text == "&lt;<hr>3ab"
    assert element("br").text == "<br>"
    assert (
        element("i", class_="x", aria_hidden="true", open=True, id=None).text
        == '<i class="x" aria-hidden="true" open></i>'
    )
