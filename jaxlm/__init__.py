"""The whole life of a large language model in readable JAX: crawl, tokenize, pretrain, finetune, evaluate, report."""

__version__ = "0.1.0"
