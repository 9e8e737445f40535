"""The whole life of a model on a fictional web with ground truth: the default experiment.

Command:  python -m jaxlm --config=experiments/microweb.py            (or ./launch/local.sh)
Hardware: 2 CPU cores, 4 GB of memory, nothing downloaded.
Time:     to be measured
Expect:   to be measured

Variants: `microweb.py:tiny`, a smaller world and model in under two minutes; it shows that everything works, not that a
model of this size knows much.
"""

from jaxlm.config import defaults
from jaxlm.errors import UserError


def get_config(arg: str = ""):
    if arg not in ("", "tiny"):
        raise UserError(f"microweb.py:{arg}: the only variant is 'tiny'")
    config = defaults()
    config.name = "microweb"

    # Model: 1.1M parameters. Smeared keys let so small a model learn to read from its context.
    config.model.smear_keys = True

    config.pretrain.steps = 700
    config.pretrain.batch_size = 32
    config.pretrain.seq_len = 128
    config.pretrain.sample_prompts = ("The town of", "This page is about", "Q: In which town")

    if arg == "tiny":
        config.name = "microweb-tiny"
        config.crawl.microweb.people = 12
        config.crawl.microweb.tail = 150
        config.crawl.microweb.shards = 2
        config.tokenizer.vocab_size = 1024
        config.model.layers = 2
        config.model.width = 64
        config.model.mlp = 192
        config.pretrain.steps = 120
        config.finetune.steps = 40
        config.evaluate.questions = 40
    return config
