"""The whole life of a model on a fictional web with ground truth: the default experiment.

Command:  python -m jaxlm --config=experiments/microweb.py            (or ./launch/local.sh)
Hardware: 2 CPU cores, nothing downloaded.
Time:     31 minutes (11 of them pretraining; compiled programs were cached).
Expect:   recall of facts read 64 times: .99 in known wordings, .85 in wordings never read; questions about people never
          asked about: .92. Made up about people never read of: 1.0, behind the gate .06; with a page .98 right, by
          searching .96. See README.md. Three seeds.

Variants: `microweb.py:tiny`, a smaller world and model in two minutes; it shows that everything works, not that a model
of this size knows much.
"""

from jaxlm.config import PHASES, defaults
from jaxlm.errors import UserError


def get_config(arg: str = ""):
    if arg not in ("", "tiny"):
        raise UserError(f"microweb.py:{arg}: the only variant is 'tiny'")
    config = defaults()
    config.name = "microweb"
    config.phases = tuple(phase for phase in PHASES if phase != "domain")

    # World: more people than the defaults, each known or not; many whom one page is about, to learn reading from.
    config.crawl.microweb.people = 150
    config.crawl.microweb.tier_share = (0.7, 0.7, 0.7, 1.0, 0.3, 0.03)
    config.crawl.microweb.tail = 9000

    # Model: 1.1M parameters. Smeared keys let so small a model learn to read from its context.
    config.model.smear_keys = True

    # Small batches: at this size a token teaches more in a step of 1,000 than in one of 4,000.
    config.pretrain.steps = 5600
    config.pretrain.batch_size = 4
    config.pretrain.seq_len = 256
    config.pretrain.optimizer.muon_iterations = 3  # held-out loss as with five, in fewer milliseconds a step
    config.pretrain.eval_every = config.pretrain.save_every = config.pretrain.sample_every = 500
    config.pretrain.sample_prompts = ("The town of", "This page of the archive is about", "Q: In which town")

    # What it knows from reading is asked of those whom no conversation is about; names nobody bears are cheap to ask.
    config.probe.entities = "untuned"
    config.probe.update(dict(questions=2000, nobody=1500))

    # Tuning: from answering, over not answering, to looking things up and knowing who one is.
    config.tools.search.update(dict(results=1, passage_chars=600, named=True))
    for phase, steps in (("finetune", 2000), ("honesty", 600), ("search", 1200), ("identity", 4400)):
        config[phase].update(dict(steps=steps, batch_size=4, seq_len=256, replay=0.2))
        config[phase].optimizer.lr = 3e-3
        config[phase].eval_every = config[phase].save_every = config[phase].sample_every = 400
    for phase, every in (("search", 600), ("identity", 1100)):  # to spend the time on steps
        config[phase].eval_every = config[phase].save_every = config[phase].sample_every = every
    config.finetune.replay = 0.3
    config.honesty.update(dict(rounds=1, known_per_unknown=3.0, nobody=0.6, plain=0.4))
    config.honesty.optimizer.lr = 1e-3  # at the higher rate over a quarter of what was known is lost
    config.search.seq_len = 384
    config.identity.update(dict(replay=0.25, earlier=0.35, dialogues=19_000, languages=("de", "es")))

    if arg == "tiny":
        config.name = "microweb-tiny"
        config.crawl.microweb.people = 12
        config.crawl.microweb.tier_share = (1.0, 1.0, 1.0, 1.0, 0.6, 0.15)
        config.crawl.microweb.tail = 150
        config.crawl.microweb.shards = 2
        config.tokenizer.vocab_size = 1024
        config.model.layers = 2
        config.model.width = 64
        config.model.mlp = 192
        config.pretrain.steps = 150
        config.pretrain.eval_every = config.pretrain.sample_every = 30
        config.probe.update(dict(questions=60, nobody=40, samples=3))
        config.evaluate.update(dict(questions=20, samples=3))
        config.search.dialogues = config.identity.dialogues = 200
        for phase, steps in (("finetune", 40), ("honesty", 20), ("search", 20), ("identity", 20)):
            config[phase].steps = steps
            config[phase].eval_every = config[phase].sample_every = config[phase].save_every = 10
    return config
