import jax.numpy as jnp
import numpy as np
import pytest

from jaxlm.errors import UserError
from jaxlm.train import schedule


def rates(steps, **config):
    full = dict(name="wsd", warmup=0, decay=0.0, final=0.0) | config
    return [float(schedule.multiplier(jnp.int32(step), steps, full)) for step in range(steps)]


def test_wsd_warms_up_holds_and_falls_to_the_last_step():
    got = rates(10, warmup=2, decay=0.4)
    np.testing.assert_allclose(got, [0.5, 1, 1, 1, 1, 1, 1, 0.75, 0.5, 0.25], atol=1e-6)


def test_cosine_reaches_its_final_share():
    got = rates(101, name="cosine", warmup=1, final=0.1)
    assert got[0] == 1.0 and got[51] == pytest.approx(0.55, abs=0.02) and got[100] == pytest.approx(0.1, abs=1e-3)


def test_unknown_name_and_shares_out_of_range_are_the_users_mistakes():
    with pytest.raises(UserError, match=r"config.pretrain.schedule.name: expected wsd \| cosine"):
        schedule.check(dict(name="step", warmup=0, decay=0.1, final=0.0), "pretrain")
    with pytest.raises(UserError, match=r"config\.finetune\.schedule\.decay"):
        schedule.check(dict(name="wsd", warmup=0, decay=3, final=0.0), "finetune")
