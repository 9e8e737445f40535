"""The page in a real browser: decided by keyboard, killed half-way, opened again, nothing lost."""

import re
import shutil
import signal

import pytest

from jaxlm.honesty.review.store import read_reviewed

playwright = pytest.importorskip("playwright.sync_api", reason="no playwright: pip install playwright")
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no chromium, chromium-browser or google-chrome on the path")


@pytest.fixture(scope="module")
def browser():
    with playwright.sync_playwright() as started:
        found = started.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        yield found
        found.close()


@pytest.fixture
def page(browser):
    """A page that keeps what its console said and what it asked of whom."""
    context = browser.new_context(viewport=dict(width=1280, height=800))
    found = context.new_page()
    found.said, found.asked = [], []
    found.on("console", lambda message: found.said.append(message.text))
    found.on("pageerror", lambda error: found.said.append(str(error)))
    found.on("request", lambda request: found.asked.append(request.url))
    yield found
    context.close()


def shown(page) -> str:
    return page.inner_text(".id")


def visit(page, address: str) -> None:
    """Opens the review, and waits for its first example."""
    page.goto(address)
    playwright.expect(page.locator(".id")).to_be_visible()


def press(page, key: str, then: str) -> None:
    """Presses a key and waits until the page shows this example."""
    page.keyboard.press(key)
    playwright.expect(page.locator(".id")).to_have_text(then)


def test_twenty_decisions_by_keyboard_killed_half_way_nothing_lost(page, start, examples):
    keys = "araaraaraa" + "raaraaeaar"  # e: edit, then accept
    decisions = dict(a="accept", r="reject", e="accept")
    process, address = start(examples)
    visit(page, address)
    for number in range(20):
        playwright.expect(page.locator(".id")).to_have_text(f"q{number:05d}")
        if number == 10:
            process.send_signal(signal.SIGKILL)
            process.wait()
            page.keyboard.press("a")  # on a page whose server is dead: not shown as decided
            playwright.expect(page.get_by_role("alert")).to_contain_text("this is not saved")
            assert shown(page) == "q00010" and "10 of 40 decided" in page.inner_text("#overall")
            assert page.inner_text(".state") == "undecided"
            visit(page, start(examples)[1])
            playwright.expect(page.locator(".id")).to_have_text("q00010")
            assert "10 of 40 decided" in page.inner_text("#overall")
        if keys[number] == "e":
            page.keyboard.press("e")
            page.keyboard.type(" Please.")
            page.keyboard.press("Control+Enter")
            playwright.expect(page.locator(".chip.edited")).to_be_visible()
            page.keyboard.press("a")
        else:
            page.keyboard.press(keys[number])
    playwright.expect(page.locator(".id")).to_have_text("q00020")
    assert "20 of 40 decided" in page.inner_text("#overall")
    rows = list(read_reviewed(examples))
    assert [row["decision"] for row in rows] == [decisions[key] for key in keys] + [None] * 20
    assert rows[16]["edited"] and rows[16]["messages"][1]["content"].endswith(" Please.")


def test_every_key_does_what_the_help_says(made, page, start, examples):
    process, address = start(examples)
    visit(page, address)
    press(page, "j", "q00001")
    press(page, "ArrowDown", "q00002")
    press(page, "ArrowRight", "q00003")
    press(page, "k", "q00002")
    press(page, "ArrowUp", "q00001")
    press(page, "ArrowLeft", "q00000")
    press(page, "End", "q00039")
    press(page, "n", "q00000")
    press(page, "r", "q00001")
    press(page, "u", "q00000")
    assert page.inner_text(".state") == "undecided"
    press(page, "a", "q00001")
    press(page, "k", "q00000")
    page.keyboard.press("x")
    playwright.expect(page.locator(".state")).to_have_text("undecided")
    page.keyboard.press("?")
    assert page.locator("#help").is_visible()
    page.keyboard.press("a")
    page.keyboard.press("Escape")
    assert not page.locator("#help").is_visible() and page.inner_text(".state") == "undecided"
    page.keyboard.press("/")
    page.keyboard.type("jorun pell 2 collect")
    playwright.expect(page.locator(".place")).to_have_text("1 of 1")
    page.keyboard.press("Escape")
    playwright.expect(page.locator(".place")).to_have_text("16 of 40")
    page.get_by_role("button", name=re.compile("^known")).click()
    playwright.expect(page.locator(".place")).to_have_text("5 of 10")
    page.keyboard.press("r")
    playwright.expect(page.locator("#status")).to_contain_text("Rejected")
    page.keyboard.press("u")
    playwright.expect(page.locator("#status")).to_contain_text("Undone")
    process.send_signal(signal.SIGINT)
    assert "0 of 40 decided" in process.stdout.read() and process.wait() == 0
    assert made.rows_of(examples) == [made.example(number) for number in range(40)]


def test_an_edit_that_is_left_can_be_had_back(page, start, examples):
    visit(page, start(examples)[1])
    playwright.expect(page.locator(".id")).to_have_text("q00000")
    page.keyboard.press("e")
    page.keyboard.type(" And coins.")
    page.keyboard.press("Escape")
    assert page.locator("textarea").count() == 0
    page.keyboard.press("e")
    assert page.locator("textarea").last.input_value() == "Orla Brint collects clocks. And coins."
    page.locator("textarea").last.fill("")
    page.keyboard.press("Control+Enter")
    playwright.expect(page.locator(".problem")).to_have_text("Not saved: message 1 (assistant) is empty")
    assert not any(row["edited"] for row in read_reviewed(examples))


def test_what_models_wrote_stays_text(made, page, start, tmp_path):
    evil = "<img src=x onerror=alert(1)><script>alert(1)</script>\u202egnp.\x1b[31m<|end|>"
    called = [dict(type="function", function=dict(name=evil, arguments='{"q": "<b>x</b>"}'))]
    messages = [dict(role="system", content=evil), dict(role="user", content=evil),
                dict(role="assistant", content=None, tool_calls=called), dict(role="tool", content=evil),
                dict(role="assistant", content=evil)]  # fmt: skip
    metadata = dict.fromkeys(("kind", "label", "question", "passage", "source", "answer", evil), evil)
    row = dict(id=evil, messages=messages, metadata=metadata | dict(answers=[evil], marks=["wrong"], share=0.0))
    visit(page, start(made.write(tmp_path / "evil.jsonl", [row, row]))[1])
    playwright.expect(page.locator(".turn")).to_have_count(5)
    assert page.locator("img, main script").count() == 0
    assert page.locator(".turn.user .said").inner_text() == evil.replace("\u202e", "\ufffd").replace("\x1b", "\u241b")
    page.keyboard.press("a")
    playwright.expect(page.locator(".place")).to_have_text("2 of 2")
    assert page.said == []


@pytest.mark.parametrize("width", [390, 1280])
def test_nothing_complains_nothing_is_fetched_nothing_sticks_out(page, start, examples, width):
    address = start(examples)[1]
    page.set_viewport_size(dict(width=width, height=800))
    visit(page, address)
    playwright.expect(page.locator(".id")).to_have_text("q00000")
    if width == 390:
        page.get_by_role("button", name="Filter and list").click()
    playwright.expect(page.locator("#list li")).not_to_have_count(0)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.said == [] and all(url.startswith((address, "data:")) for url in page.asked)


def test_a_long_file_is_loaded_in_windows(made, page, start, tmp_path):
    visit(page, start(made.write(tmp_path / "long.jsonl", map(made.example, range(3000))))[1])
    playwright.expect(page.locator(".place")).to_have_text("1 of 3,000")
    press(page, "End", "q02999")
    playwright.expect(page.locator("#list [aria-current]")).to_contain_text("Wim Harrow 499")
    assert page.locator("#list li").count() < 200
    page.locator("#list").evaluate("box => { box.scrollTop = 34 * 1500; }")
    page.get_by_role("button", name="What does Orla Brint 250 collect?").click()
    playwright.expect(page.locator(".place")).to_have_text("1,501 of 3,000")


def test_a_file_that_changes_meanwhile_is_said_and_read_again(made, page, start, examples):
    visit(page, start(examples)[1])
    press(page, "j", "q00001")
    made.write(examples, [made.example(number) | dict(id=f"new{number}") for number in range(40)])
    page.keyboard.press("a")
    notice = page.get_by_role("alert")
    playwright.expect(notice).to_contain_text("The file has changed since it was opened")
    notice.get_by_role("button").click()
    playwright.expect(page.get_by_role("alert")).to_contain_text("1 gone (q00001)")
    playwright.expect(page.locator(".id")).to_have_text("new0")
