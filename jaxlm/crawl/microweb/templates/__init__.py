"""The sentences of the micro-web, as data. All of them were written for this project."""
