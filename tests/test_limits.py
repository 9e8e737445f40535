import pytest

from jaxlm import limits
from jaxlm.config import PHASES, defaults
from jaxlm.errors import UserError


def test_defaults_are_allowed_and_choices_are_those_of_the_code():
    from jaxlm.model.config import CHOICES
    from jaxlm.phases.crawl import SOURCES
    from jaxlm.text.split import WAYS
    from jaxlm.text.tokenizer import KINDS
    from jaxlm.train.schedule import NAMES

    limits.check(defaults())
    mine = limits.CHOICES
    assert {name: mine[f"model.{name}"] for name in CHOICES} == CHOICES
    assert (mine["crawl.source"], mine["pretrain.schedule.name"]) == (SOURCES, NAMES)
    assert (mine["tokenizer.kind"], mine["tokenizer.holdout_by"]) == (KINDS, WAYS)


@pytest.mark.parametrize(
    ("field", "value", "expected"),
    [
        ("seed", 2**32, "a whole number from 0 to 4294967295"),
        ("name", "a/b", "a name that can be a folder's"),
        ("phases", ("crawl", "crawl"), "one phase or more, each once"),
        ("phases", (), "one phase or more, each once"),
        ("mesh.fsdp", 0, "1 or more, or -1 for the devices that are left"),
        ("crawl.workers", -1, "0 or more"),
        ("tokenizer.vocab_size", 0, "1 or more"),
        ("tokenizer.holdout", 1.0, "a share between 0 and 1, ends excluded"),
        ("model.kv_heads", 3, "a divisor of config.model.heads=4"),
        ("model.head_dim", 7, "an even number, for rotary positions"),
        ("pretrain.seq_len", 0, "1 or more"),
        ("pretrain.optimizer.lr", float("nan"), "0 or more"),
        ("pretrain.optimizer.lr", float("inf"), "0 or more"),
        ("finetune.accumulate", 5, "a divisor of config.finetune.batch_size=32"),
        ("finetune.replay", 1.0, "a share from 0 to below 1"),
        ("evaluate.kshot", (0, -1), "0 or more"),
    ],
)
def test_a_value_out_of_range_names_its_field(field, value, expected):
    config = defaults()
    section, _, name = field.rpartition(".")
    (limits._value(config, section) if section else config)[name] = value
    with pytest.raises(UserError) as caught:
        limits.check(config)
    assert str(caught.value) == f"config.{field}={value!r}: expected {expected}"


def test_every_field_in_the_tables_exists():
    config = defaults()
    assert set(config.phases) <= set(PHASES)
    for _, _, patterns in limits.RANGES:
        for field in (name for pattern in patterns for name in limits._expand(pattern)):
            limits._value(config, field)
