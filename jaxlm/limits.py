"""What values the fields of the configuration may have.

They are looked at before anything runs: a phase that would stumble over its own may be hours away.
"""

import math

from ml_collections import ConfigDict

from jaxlm.errors import UserError

TUNING = ("finetune", "honesty", "search", "identity")  # on conversations
TRAINING = ("pretrain", *TUNING, "domain")
CHOICES = {
    "crawl.source": ("microweb", "files", "tfds"),
    "crawl.extractor": ("trafilatura", "resiliparse"),
    "tokenizer.kind": ("bpe", "char"),
    "tokenizer.holdout_by": ("document", "tail"),
    "probe.interrogator": ("template", "model"),
    "probe.judge": ("match", "model"),
    "probe.entities": ("asked", "untuned", "all"),
    "probe.answers": ("own", "reference"),
    "honesty.between": ("drop", "answer", "refuse", "by_share"),
    "tools.search.backend": ("index", "brave", "tavily", "searxng"),
    "tools.fetch.extractor": ("trafilatura", "resiliparse"),
    "domain.source": ("files", "medicine", "law"),
    "model.activation": ("swiglu", "relu2"),
    "model.dtype": ("auto", "float32", "bfloat16"),
    "model.remat": ("none", "dots", "full"),
    **{f"{phase}.optimizer.name": ("muon", "adamw") for phase in TRAINING},
    **{f"{phase}.schedule.name": ("wsd", "cosine", "constant") for phase in TRAINING},
}
# What is expected, what is allowed, and of which fields; `*` stands for each training phase.
RANGES = (
    ("a whole number from 0 to 4294967295", lambda x: 0 <= x < 2**32, ("seed",)),
    (
        "1 or more",
        lambda x: x >= 1,
        (
            *("crawl.microweb.people", "crawl.microweb.shards", "crawl.max_page_bytes", "crawl.max_words"),
            *("tokenizer.vocab_size", "tokenizer.train_bytes"),
            *("model.layers", "model.width", "model.heads", "model.kv_heads", "model.head_dim", "model.mlp"),
            *("model.max_len", "*.steps", "*.batch_size", "*.seq_len", "*.accumulate", "*.log_every", "*.eval_every"),
            *("*.optimizer.muon_iterations", "*.eval_batches", "*.save_every", "*.keep", "*.sample_tokens"),
            *("tools.search.results", "tools.search.passage_words", "tools.search.passage_chars", "tools.max_chars"),
            *("tools.fetch.max_bytes", "tools.fetch.pages"),
            *("evaluate.batch_size", "evaluate.max_new", "evaluate.prefix_tokens", "evaluate.bpb_documents"),
            *("evaluate.samples",),
            *("probe.documents", "probe.questions", "probe.per_document", "probe.per_fact", "probe.samples"),
            *("probe.max_new", "honesty.rounds", "honesty.emphasis", "honesty.soft_copies"),
            *("search.dialogues",),
            *("domain.entities", "domain.documents", "domain.lora.rank"),
        ),
    ),
    ("from 2 to 20000, for which names can be coined", lambda x: 2 <= x <= 20_000, ("identity.dialogues",)),
    (
        "0 or more",
        lambda x: x >= 0,
        (
            *("crawl.microweb.tail", "crawl.min_words", "crawl.beginning", "crawl.short_text", "crawl.workers"),
            "tokenizer.min_count",
            *("model.window", "model.window_pattern", "model.soft_cap", "model.unroll", "*.optimizer.lr"),
            *("*.optimizer.muon_lr", "*.optimizer.weight_decay", "*.optimizer.clip", "*.schedule.warmup", "*.z_loss"),
            *("*.max_bad_steps", "*.sample_every", "evaluate.questions", "evaluate.set_questions", "evaluate.kshot"),
            *("report.examples", "tools.search.retries", "tools.fetch.redirects"),
            *("probe.nobody", "probe.temperature", "honesty.known_per_unknown", "honesty.border", "domain.lora_lr"),
            *(f"{phase}.lora.rank" for phase in TUNING),
        ),
    ),
    ("full and lora, or one of them", lambda x: x in ("full", "lora"), ("domain.ways",)),
    ("more than 0", lambda x: x > 0, ("model.rope_theta", "tools.search.timeout", "tools.fetch.seconds",
     *(f"{phase}.lora.alpha" for phase in TUNING), "domain.lora.alpha")),
    ("a share above 0, at most 1", lambda x: 0 < x <= 1, ("probe.top_p", "probe.known")),
    ("recombined, half and coined, or some of them", lambda x: x in ("recombined", "half", "coined"),
     ("probe.nobody_kinds",)),
    ("a share from 0 to 1", lambda x: 0 <= x <= 1, ("*.schedule.decay", "*.schedule.final", "identity.others")),
    (
        "a share from 0 to below 1",
        lambda x: 0 <= x < 1,
        (
            *("crawl.microweb.junk", "*.optimizer.b1", "*.optimizer.b2"),
            *(f"{phase}.replay" for phase in TUNING),
            *("probe.reserve", "probe.told", "probe.unknown", "honesty.nobody", "honesty.plain", "honesty.multi_turn"),
            *("honesty.system", "search.earlier", "identity.earlier"),
            *("domain.cloze", "domain.dialogue", "domain.replays"),
        ),
    ),
    (
        "a share between 0 and 1, ends excluded",
        lambda x: 0 < x < 1,
        (
            *("tokenizer.holdout", "honesty.validation", "domain.holdout", "probe.over_refusal"),
            *(f"{phase}.holdout" for phase in TUNING),
        ),
    ),
    ("1 or more, or -1 for the devices that are left", lambda x: x >= 1 or x == -1,
     ("mesh.data", "mesh.fsdp", "mesh.tensor", "mesh.context")),
    ("a name that can be a folder's", lambda x: x not in ("", ".", "..") and "/" not in x, ("name",)),
)  # fmt: skip


def check(config: ConfigDict) -> None:
    """Raises UserError that names the first field with a value that cannot be used, and what was expected.

    A tuple is judged item by item. What depends on the data or the devices is judged by the phases.
    """
    for field, choices in CHOICES.items():
        if _value(config, field) not in choices:
            raise _error(config, field, " | ".join(choices))
    for expected, allowed, fields in RANGES:
        for field in (name for pattern in fields for name in _expand(pattern)):
            value = _value(config, field)
            for item in value if isinstance(value, tuple) else (value,):
                if not allowed(item) or (isinstance(item, float) and not math.isfinite(item)):
                    raise _error(config, field, expected)
    _check_together(config)


def _check_together(config: ConfigDict) -> None:
    """Fields that are fine on their own but do not fit one another."""
    for parts, whole in (
        ("model.kv_heads", "model.heads"),
        *((f"{phase}.accumulate", f"{phase}.batch_size") for phase in TRAINING),
    ):
        if _value(config, whole) % _value(config, parts):
            raise _error(config, parts, f"a divisor of config.{whole}={_value(config, whole)}")
    if config.model.head_dim % 2:
        raise _error(config, "model.head_dim", "an even number, for rotary positions")
    if config.probe.unknown >= config.probe.known:
        raise _error(config, "probe.unknown", f"less than config.probe.known={config.probe.known}")
    if not config.phases or len(set(config.phases)) < len(config.phases):
        raise _error(config, "phases", "one phase or more, each once")


def _expand(pattern: str) -> list[str]:
    return [pattern.replace("*", phase) for phase in TRAINING] if pattern.startswith("*") else [pattern]


def _value(config: ConfigDict, field: str):
    for name in field.split("."):
        config = config[name]
    return config


def _error(config: ConfigDict, field: str, expected: str) -> UserError:
    return UserError(f"config.{field}={_value(config, field)!r}: expected {expected}")
