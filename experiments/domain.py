"""A finished run's model learns one field more: what it gains there and forgets elsewhere, full weights against LoRA.

Command:  python -m jaxlm --config=experiments/domain.py:medicine --config.domain.base=runs/microweb
          python -m jaxlm --config=experiments/domain.py --config.domain.base=runs/mine --workdir=runs/field \
              --config.domain.text="('texts/',)" --config.domain.questions="('questions.jsonl',)"
Hardware: 2 CPU cores, 2 GB of memory.
Time:     about 6 minutes: four trainings of a minute each, as reckoned from the 10,700 tokens/s of `microweb.py`.
Expect:   so far of a shorter run alone (150 steps of 1,024 tokens, 20 entities a kind with 12 documents, no general
          text, one seed): held-out medicine 4.18 -> .64 bits per byte with all weights, 1.14 with LoRA of rank 8;
          medicine answered right .00 -> .05 and .00; well-known facts of the web .84 -> .32 and .17.

Variants: `domain.py:medicine` and `:law` of the micro-web's world, on a run of `microweb.py`; `domain.py:text` a CNXML
textbook (such as OpenStax's) on a run of `text_files.py`, asked for the terms missing in its key sentences; without a
variant any folder of text with .jsonl questions of {question, answer, aliases}.
"""

from jaxlm.config import defaults
from jaxlm.errors import UserError

VARIANTS = ("medicine", "law", "text")


def get_config(arg: str = ""):
    if arg not in ("", *VARIANTS):
        raise UserError(f"domain.py:{arg}: the variants are {', '.join(VARIANTS)}")
    config = defaults()
    config.name = f"domain-{arg}" if arg else "domain"
    config.phases = ("domain",)

    # Of each row of a batch; a share `replays` of rows is general text.
    config.domain.batch_size = 16
    config.domain.seq_len = 128
    config.domain.steps = 300
    config.domain.eval_every = config.domain.save_every = config.domain.sample_every = 100

    if arg in ("medicine", "law"):
        config.domain.source = arg
    if arg == "text":
        config.domain.seq_len = 256
        config.domain.batch_size = 8
        config.evaluate.bpb_documents = 60
    return config
