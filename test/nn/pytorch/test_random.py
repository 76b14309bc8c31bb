"""The random stream and the initialisers: numbers of PyTorch 2.13 for the same seeds, by digest or as they are."""

import hashlib

import numpy as np
import pytest

import nn.pytorch as tnn
from nn.pytorch import init, random


def digest(x):
    return hashlib.sha256(np.ascontiguousarray(x).tobytes()).hexdigest()[:16]


DRAWS = {
    "random.uniform_(np.empty(37, 'f4'), -0.3, 0.7)": "ebbdeee70341c5f4",
    "random.uniform_(np.empty(37), -0.3, 0.7)": "c2ef245b3db9cd52",
    "random.normal_(np.empty(1003, 'f4'), 1.5, 0.3)": "cc865fcad016a2f1",
    "tnn.randperm(1000)": "af94994a469c1dbd",
    "tnn.randint(3, 77, (50,))": "c5a520ebd8798608",
    "random.bernoulli_(np.empty(101, 'f4'), 0.3)": "1e961883a742cdbc",
    "tnn.bernoulli(np.full(30, 0.4, 'f4'))": "61d5e6abe6b5f160",
    "random.random_(np.empty(20, 'f4'))": "c138791f2ce8595b",
    "random.random_(np.empty(20, 'i8'), 2**40)": "23cf2538d683ecdd",
    "init.xavier_normal_(np.empty((5, 7), 'f4'), 2.0)": "7aeee445e8685897",
    "init.kaiming_normal_(np.empty((4, 3, 3), 'f4'), mode='fan_out')": "39e060a504c08998",
    "init.trunc_normal_(np.empty((6, 9), 'f4'))": "8f117217eaa709a0",
    "init.sparse_(np.empty((10, 4), 'f4'), 0.33)": "27f107756d26f7ab",
    "init.dirac_(np.empty((6, 2, 3, 3), 'f4'), 3)": "16fa3f2c0159e9ca",
    "tnn.Linear(300, 200).weight": "0da319a5d2c8237c",
    "tnn.Linear(3, 2, dtype='float64').bias": "8c1339c544ec8aa1",
    "tnn.Bilinear(3, 4, 5).bias": "d69b9854072975e0",
}


@pytest.mark.parametrize("draw", DRAWS)
def test_draws_bit_for_bit(draw):
    tnn.manual_seed(2**32 + 5)
    assert digest(eval(draw)) == DRAWS[draw]


def test_few_normal_numbers_come_in_pairs_and_keep_the_half():
    tnn.manual_seed(7)
    np.testing.assert_array_equal(
        tnn.randn(3), np.float32([-0.1467950940132141, 0.7861412763595581, 0.9468216300010681])
    )
    np.testing.assert_array_equal(tnn.randn(2, dtype="float64"), [-1.1143440212610307, 1.6907901257942333])
    last = [0.5090420296776137, 0.9426794393552231, -1.226167282392128]
    np.testing.assert_allclose(tnn.randn(17, dtype="float64")[-3:], last, rtol=1e-15)


def test_initialisers():
    tnn.manual_seed(7)
    expected = [[-0.11844325065612793, 0.6343070864677429, 0.7639539241790771]]
    expected += [[-0.4892108738422394, 0.6322369575500488, -0.6007904410362244]]
    np.testing.assert_allclose(init.orthogonal_(np.empty((2, 3), "f4")), expected, rtol=1e-6)
    expected = [1.974480390548706, 1.9670846462249756, 1.6533586978912354, 1.9980902671813965]
    np.testing.assert_allclose(init.trunc_normal_(np.empty(4, "f4"), 3.0, 0.5), expected, rtol=1e-6)
    assert init.calculate_gain("leaky_relu", 1.0) == 1.0
    with pytest.raises(ValueError, match="fewer than 2"):
        init.xavier_uniform_(np.empty(3))
    with pytest.raises(ValueError, match="Unsupported nonlinearity"):
        init.calculate_gain("gelu")
    with pytest.warns(FutureWarning, match="deprecated"):
        init.constant(np.empty(2), 1)


def test_linear_has_the_weights_of_the_seed():
    tnn.manual_seed(0)
    layer = tnn.Linear(3, 2)
    np.testing.assert_array_equal(
        layer.weight.data.ravel()[:3], np.float32([-0.004322517663240433, 0.3097158372402191, -0.4751853346824646])
    )
    assert random.initial_seed() == 0


def test_decisions_compare_all_bits():
    """Two words make 53 bits; those whose first 21 are the probability's own are decided by the others."""

    class Words:
        def words(self, n):
            return np.array([2**20 - 1, 7, 2**20, 0, 2**20, 2**31, 2**20, 2**31 - 1, 2**31 + 5, 9], np.uint64)

    p = 0.5 + 2.0**-22
    assert random.decide(p, 5, Words()).tolist() == [True, True, False, True, True]
    assert random.decide(1, 5, Words()).all() and not random.decide(0, 5, Words()).any()
