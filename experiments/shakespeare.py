"""Shakespeare by characters: nanoGPT's CPU recipe as an anchor, and a better-tuned model on as many tokens.

Command:  python -m jaxlm --config=experiments/shakespeare.py --workdir=DIR --config.crawl.paths="('input.txt',)"
Data:     the 1.1 MB of "tiny Shakespeare": github.com/karpathy/char-rnn, data/tinyshakespeare/input.txt
Hardware: 2 CPU cores.
Time:     5 minutes for `char` on two cores that were shared with other work.
Expect:   held-out loss 1.63 nats a character (2.34 bits a byte) for `char`, 1.54 (2.22) for `tuned`, one seed each.
          nanoGPT's README gives 1.88 for a GPT of the same size, batch, context and number of steps.

Variants: `shakespeare.py:char` (the default) and `shakespeare.py:bpe` keep nanoGPT's shapes, optimizer and schedule;
`shakespeare.py:tuned` sees as many characters in rows twice as long, with Muon and smeared keys.
"""

from jaxlm.config import defaults
from jaxlm.errors import UserError


def get_config(arg: str = "char"):
    if arg not in ("char", "bpe", "tuned"):
        raise UserError(f"shakespeare.py:{arg}: the variants are char, bpe and tuned")
    config = defaults()
    config.name = f"shakespeare-{arg}"
    config.phases = ("crawl", "tokenizer", "pretrain", "evaluate", "report")

    # Data: one document, its last tenth held out, nothing cleaned.
    config.crawl.source = "files"
    config.crawl.update(quality=False, pii=False, deduplicate=False, languages=(), min_words=1, max_words=10_000_000)
    config.tokenizer.update(kind="char", holdout=0.1, holdout_by="tail")

    # Model: 0.8M parameters
    config.model.update(layers=4, width=128, heads=4, kv_heads=4, head_dim=32, mlp=344)

    # Training: 1.5 million characters
    config.pretrain.update(steps=2000, batch_size=12, seq_len=64)
    config.pretrain.optimizer.update(name="adamw", lr=1e-3, b1=0.9, b2=0.99, weight_decay=0.1, clip=1.0)
    config.pretrain.schedule.update(name="cosine", warmup=100, final=0.1)

    # Evaluation: the whole held-out text
    config.pretrain.update(eval_every=250, eval_batches=146, save_every=250, log_every=20, sample_every=500)
    config.pretrain.update(sample_prompts=("ROMEO:\n", "To be, or "), sample_tokens=200)

    if arg == "bpe":
        config.tokenizer.update(kind="bpe", vocab_size=1024)
        config.pretrain.eval_batches = 64
    if arg == "tuned":
        config.model.smear_keys = True
        config.pretrain.update(batch_size=6, seq_len=128)
        config.pretrain.optimizer.update(name="muon", lr=3e-3, muon_lr=0.02, b2=0.95, weight_decay=0.0)
        config.pretrain.schedule.update(name="wsd", warmup=50, decay=0.5, final=0.0)
    return config
