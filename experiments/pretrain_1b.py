"""A model of one billion parameters on a slice: pretraining on 21 billion tokens of web text in parquet files.

Command:   python -m jaxlm --config=experiments/pretrain_1b.py --workdir=DIR --config.crawl.paths="('DATA/*.parquet',)"
           on every host; DIR and DATA on a file system that all hosts see
Hardware:  a TPU slice or GPUs. Weights, optimizer state and gradients take 13 GB over all devices together.
Time:      not measured. 5.7 GFLOP a token are 1.2e20 FLOP: 9 hours on 8 x H100 at 45 % of their peak.
Expect:    not measured. The tests compile the training step with this layout on 8 fake devices, at reduced depth.

Variant: `pretrain_1b.py:tensor` cuts heads, MLP and vocabulary over two devices as well.
"""

from jaxlm.config import defaults
from jaxlm.errors import UserError


def get_config(arg: str = ""):
    if arg not in ("", "tensor"):
        raise UserError(f"pretrain_1b.py:{arg}: the only variant is 'tensor'")
    config = defaults()
    config.name = "pretrain_1b"
    config.phases = ("crawl", "tokenizer", "pretrain", "report")

    # Every device holds a share of weights and optimizer state; layers are gathered as they are needed.
    config.mesh.update(data=1, fsdp=-1, tensor=2 if arg == "tensor" else 1)

    # Data: text that was cleaned and deduplicated by its publisher
    config.crawl.source = "files"
    config.crawl.update(quality=False, pii=False, deduplicate=False)
    config.tokenizer.update(vocab_size=65_536, train_bytes=2_000_000_000, holdout=0.001)

    # Model: 1.02B parameters
    config.model.update(layers=16, width=2048, heads=16, kv_heads=8, head_dim=128, mlp=5632, tied=False)
    config.model.update(rope_theta=100_000.0, dtype="bfloat16", remat="dots", max_len=4096)

    # Training: 1 million tokens a step, 20 tokens a parameter (Hoffmann et al. 2022)
    config.pretrain.update(steps=20_000, batch_size=512, seq_len=2048, accumulate=8)
    config.pretrain.optimizer.update(name="muon", lr=1e-3, muon_lr=0.01, weight_decay=0.1)
    config.pretrain.schedule.update(name="wsd", warmup=500, decay=0.2)
    config.pretrain.update(z_loss=1e-4, eval_every=500, eval_batches=16, save_every=500, keep=3, sample_every=1000)
    config.pretrain.sample_prompts = ("The capital of France is", "Photosynthesis is", "def fibonacci(n):")
    return config
