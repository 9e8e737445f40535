"""What a model can do, asked one question a module: each `run(subject, ...)` returns rows of plain data."""
