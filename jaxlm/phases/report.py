"""Phase: the run's story as one HTML page, `report/report.html`."""

import pathlib

from jaxlm.files import atomic_write
from jaxlm.report import page

CONFIG = ("report", "name")
INPUTS = (
    "crawl",
    "tokenizer",
    "pretrain",
    "finetune",
    "probe",
    "honesty",
    "search",
    "identity",
    "domain",
    "evaluate",
)


def run(config, workdir: pathlib.Path) -> dict:
    """Writes the page from the files of the other phases; returns where it is and its size in bytes."""
    html = page.render(workdir)
    path = workdir / "report" / "report.html"
    atomic_write(path, html)
    return {"page": str(path.relative_to(workdir)), "bytes": len(html.encode())}
