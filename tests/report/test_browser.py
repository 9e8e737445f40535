"""The page in a real browser, where one is installed: nothing complains, nothing is fetched, nothing sticks out."""

import html
import json
import re
import shutil
import subprocess

import pytest

from jaxlm.report import page

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
# The report's own policy forbids scripts, so a page around it looks into its frame and writes down what it finds.
PROBE = """<!doctype html><body><iframe style="border:0;width:WIDTHpx;height:900px" srcdoc="REPORT"></iframe><script>
addEventListener("load", () => {
  const inside = document.querySelector("iframe").contentWindow, root = inside.document.documentElement;
  inside.document.querySelectorAll("details").forEach((fold) => { fold.open = true; });
  const wide = [...root.querySelectorAll("body *")].filter((node) =>
    node.getBoundingClientRect().right > inside.innerWidth + 1 && !node.closest(".scroll"));
  const shown = [...root.querySelectorAll("svg")].filter((node) => node.getBoundingClientRect().width > 0);
  document.body.textContent = "RESULT" + JSON.stringify({
    overflow: root.scrollWidth - inside.innerWidth, wide: wide.map((node) => node.outerHTML.slice(0, 200)),
    requests: inside.performance.getEntriesByType("resource").map((entry) => entry.name),
    drawings: shown.length, smallest: Math.min(...shown.map((node) => node.getBoundingClientRect().width)),
    scripts: inside.document.scripts.length, chapters: root.querySelectorAll("section").length,
  }) + "END";
});
</script></body>"""

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no chromium, chromium-browser or google-chrome on the path")


def look(report: str, width: int, folder) -> tuple[dict, list[str]]:
    """What the probe found in the report at this width, and what the browser's console said."""
    (folder / "probe.html").write_text(PROBE.replace("WIDTH", str(width)).replace("REPORT", html.escape(report)))
    flags = (
        "--headless --no-sandbox --disable-gpu --disable-background-networking --no-first-run --enable-logging=stderr"
    )
    command = [CHROMIUM, *flags.split(), f"--user-data-dir={folder / 'profile'}", "--virtual-time-budget=5000"]
    command += ["--window-size=1200,900", "--dump-dom", (folder / "probe.html").as_uri()]
    done = subprocess.run(command, capture_output=True, text=True, timeout=100, check=True)
    found = re.search(r"RESULT(\{.*\})END", done.stdout, re.DOTALL)
    assert found, done.stderr[-2000:]
    return json.loads(html.unescape(found[1])), [line for line in done.stderr.splitlines() if "CONSOLE" in line]


@pytest.mark.parametrize("width", [390, 1200])
def test_nothing_complains_nothing_is_fetched_nothing_sticks_out(fake_run, tmp_path, width):
    found, console = look(page.render(fake_run), width, tmp_path)
    assert console == []
    assert found["requests"] == [] and found["scripts"] == 0
    assert found["overflow"] <= 0 and found["wide"] == []
    assert found["chapters"] == 14
    assert found["drawings"] >= 10 and found["smallest"] >= 300  # pixels: labels of 12 stay 10 or more


def test_the_probe_sees_what_is_wrong(tmp_path):
    bad = '<!doctype html><meta http-equiv="Content-Security-Policy" content="img-src \'none\'">'
    bad += '<section style="width:2000px">x</section><img src="https://example.com/x.png"><svg></svg>'
    found, console = look(bad, 390, tmp_path)
    assert found["overflow"] > 1000 and found["wide"]
    assert any("Content Security Policy" in line for line in console)
