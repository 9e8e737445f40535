"""Your own text: any folder of .txt, .md, .jsonl, .parquet, WARC or WET files becomes a model that you can talk to.

Command:   python -m jaxlm --config=experiments/text_files.py --workdir=runs/mine --config.crawl.paths="('FOLDER',)"
Chat data: --config.finetune.data="('conversations.jsonl',)" (OpenAI messages, Alpaca, Dolly or ShareGPT rows)
Hardware:  2 CPU cores, 9 GB of memory. A model of 10.1M parameters.
Time:      about 30 minutes on 70 MB of text.
Expect:    1.85 bits per byte of held-out text on Wikipedia articles; see the README.

Variants: `text_files.py:small` (2M parameters, a few minutes: to see whether the data is read as it should be).
"""

from jaxlm.config import defaults
from jaxlm.errors import UserError


def get_config(arg: str = ""):
    if arg not in ("", "small"):
        raise UserError(f"text_files.py:{arg}: the only variant is 'small'")
    config = defaults()
    config.name = "text_files"

    config.crawl.source = "files"
    config.crawl.min_words = 50
    config.crawl.short_text = 0
    config.tokenizer.vocab_size = 8192

    # Model: 10.1M parameters
    config.model.layers = 6
    config.model.width = 320
    config.model.heads = 5
    config.model.kv_heads = 5
    config.model.head_dim = 64
    config.model.mlp = 864
    config.model.smear_keys = True

    # Muon's iterations cost as much as 1,000 tokens of a step here, so a step has 4,096.
    config.pretrain.steps = 450
    config.pretrain.batch_size = 16
    config.pretrain.seq_len = 256
    config.pretrain.schedule.warmup = 30
    config.pretrain.eval_every = config.pretrain.save_every = config.pretrain.sample_every = 150
    config.pretrain.eval_batches = 16
    config.pretrain.sample_prompts = ("The", "In the year", "The city of", "It is known that")

    config.finetune.steps = 300
    config.finetune.batch_size = 8
    config.finetune.optimizer.lr = 1e-3
    config.finetune.replay = 0.2

    if arg == "small":
        config.tokenizer.vocab_size = 4096
        config.model.layers = 4
        config.model.width = 160
        config.model.heads = config.model.kv_heads = 4
        config.model.head_dim = 40
        config.model.mlp = 432
        config.pretrain.steps = 300
        config.finetune.steps = 60
    return config
