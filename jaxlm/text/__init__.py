"""Text to batches: tokenizer, conversation rendering, token store, packing, mixture, loader."""
