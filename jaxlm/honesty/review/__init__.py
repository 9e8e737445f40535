"""A person reads, edits, accepts or rejects training examples before anything is trained on them."""
