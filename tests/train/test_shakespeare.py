"""nanoGPT's published figure for its CPU recipe, on the text it was measured on."""

import importlib.util
import pathlib

import pytest

from jaxlm.phases import crawl, pretrain, tokenizer

EXPERIMENT = pathlib.Path(__file__).parents[2] / "experiments" / "shakespeare.py"


def load(arg: str):
    spec = importlib.util.spec_from_file_location("shakespeare", EXPERIMENT)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.get_config(arg)


@pytest.mark.slow
@pytest.mark.real
@pytest.mark.parametrize("arg, loss", [("char", 1.88), ("tuned", 1.60)])
def test_held_out_loss_at_two_thousand_steps(real_data, tmp_path, arg, loss):
    config = load(arg)
    config.mesh.data = 1
    config.crawl.paths = (str(real_data / "text" / "tinyshakespeare_input.txt"),)
    for phase in (crawl, tokenizer):
        phase.run(config, tmp_path)
    result = pretrain.run(config, tmp_path)
    assert result["tokens"] == 2000 * 12 * 64 and result["eval_loss"] <= loss


@pytest.mark.real
def test_bpe_variant_counts_bits_per_byte_of_the_whole_held_out_text(real_data, tmp_path):
    config = load("bpe")
    config.mesh.data = 1
    config.crawl.paths = (str(real_data / "text" / "tinyshakespeare_input.txt"),)
    config.model.update(layers=1, width=32, heads=2, kv_heads=2, head_dim=16, mlp=32)
    config.pretrain.update(steps=2, eval_every=2, save_every=2, sample_every=0)
    for phase in (crawl, tokenizer):
        phase.run(config, tmp_path)
    result = pretrain.run(config, tmp_path)
    assert 2.0 < result["eval_bpb"] < 5.0
    assert config.pretrain.eval_batches * 12 * 64 >= 0.95 * 111_540 / 2.6
