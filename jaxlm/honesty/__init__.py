"""What a model knows of its own knowledge: asking it, marking it, teaching it where its knowledge ends."""
