"""Your own text: any folder of .txt, .md, .jsonl, .parquet, WARC or WET files becomes a model that you can talk to.

Command:   python -m jaxlm --config=experiments/text_files.py --workdir=runs/mine --config.crawl.paths="('FOLDER',)"
Chat data: --config.finetune.data="('conversations.jsonl',)" (OpenAI messages, Alpaca, Dolly or ShareGPT rows)
Hardware:  2 CPU cores, 9 GB of memory. A model of 10.1M parameters.
Time:      about 30 minutes on 70 MB of text.
Expect:    1.85 bits per byte of held-out text on Wikipedia articles; see the README.

Variants: `text_files.py:small` (2M parameters, a few minutes: to see whether the data is read as it should be), and
`text_files.py:wiki`, which asks the model about encyclopedia articles that it read and others that it did not, as
`microweb.py` asks about its people, and teaches it to say so and to read (1,200 articles;
45 minutes, reckoned from a shortened run):

    python -m jaxlm --config=experiments/text_files.py:wiki --workdir=runs/wiki --config.crawl.paths="('wikipedia/',)" \
        --config.finetune.data="('alpaca/',)" --config.evaluate.data="('FOLDER_WITH_QA/',)"
"""

from jaxlm.config import PHASES, defaults
from jaxlm.errors import UserError


def get_config(arg: str = ""):
    if arg not in ("", "small", "wiki"):
        raise UserError(f"text_files.py:{arg}: the variants are small and wiki")
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
    if arg == "wiki":
        wiki(config)
    return config


def wiki(config):
    """The beginnings of a thousand articles, read twenty times: what is read once, a small model does not keep."""
    config.name = "wiki"
    config.phases = tuple(phase for phase in PHASES if phase not in ("identity", "domain"))
    config.crawl.beginning = 50
    config.tokenizer.holdout = 0.2  # of the articles; they are asked about too

    # Of the articles that were read 3 of 10 teach how one is asked; of the others 4 of 10 are kept for evaluation.
    config.probe.update(dict(entities="all", told=0.3, reserve=0.4, questions=800, per_document=2, nobody=300))
    config.probe.update(dict(samples=4, over_refusal=0.1))
    config.evaluate.update(dict(sets=("popqa",), questions=300, set_questions=80, samples=2))

    # More and smaller steps, as facts take many. Fine-tuning goes on with the articles: what is to be asked for is best
    # learnt beside the asking.
    config.pretrain.update(dict(steps=700, batch_size=8))
    config.pretrain.optimizer.muon_iterations = 3
    config.tools.search.results = 1
    config.tools.search.passage_chars = 600
    for phase, steps, replay in (("finetune", 800, 0.5), ("honesty", 300, 0.3), ("search", 400, 0.2)):
        config[phase].update(dict(steps=steps, batch_size=4, seq_len=256, replay=replay, sample_every=0))
        config[phase].optimizer.lr = 1e-3
    config.honesty.update(dict(rounds=1, nobody=0.35, plain=0.3))
    config.search.update(dict(batch_size=3, seq_len=384, dialogues=2000))

    # Facts are kept better and better while text never read gets worse: the weights of the last step are the best.
    for phase in ("pretrain", "finetune", "honesty", "search"):
        config[phase].eval_every = config[phase].steps
        config[phase].save_every = 50
