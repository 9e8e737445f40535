import numpy as np
import pytest

from jaxlm.errors import UserError
from jaxlm.generate import next_distribution, score
from jaxlm.generate.alternatives import score_with_top


def test_agrees_with_score_and_with_the_next_distribution(model):
    """The greedy test of a harness compares floats exactly: the likeliest token must have the same number twice."""
    params, cfg = model
    generator = np.random.default_rng(0)
    sequences = [generator.integers(cfg.vocab_size, size=n).tolist() for n in (1, 5, 33, 40)]
    first = next_distribution(params, cfg, [sequences[0]], 1)[0][0][0]
    sequences.append([*sequences[0], first])
    found = score_with_top(params, cfg, sequences, k=3)
    for ids, scored, logprobs in zip(sequences, found, score(params, cfg, sequences)):
        np.testing.assert_allclose(scored.logprobs, logprobs, rtol=1e-5)
        assert scored.top_ids.shape == scored.top_logprobs.shape == (len(ids), 3)
        assert np.isnan(scored.logprobs[0]) and np.isnan(scored.top_logprobs[0]).all()
        assert (np.diff(scored.top_logprobs[1:], axis=1) <= 0).all()
        same = scored.top_ids == np.array(ids)[:, None]
        same[0] = False
        assert (scored.top_logprobs[same] == scored.logprobs[same.any(1)]).all()
    assert found[-1].top_ids[1, 0] == first and found[-1].top_logprobs[1, 0] == found[-1].logprobs[1]
    with pytest.raises(UserError, match="may have"):
        score_with_top(params, cfg, [[1] * (cfg.max_len + 1)])
