"""The chapters of the report, one module each: `chapter(run) -> Markup`, or None where the run has nothing to tell."""
