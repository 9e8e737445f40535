"""The embedded default source: a fictional world, crawled. `build` writes it."""

from jaxlm.crawl.microweb.build import build

__all__ = ["build"]
