"""Parameters and buffers of SeqLSTM and its kin that were replaced between the passes."""

import numpy as np
import pytest

import nn

LAYERS = {
    "SeqLSTM": (lambda: nn.SeqLSTM(3, 4), ("packed", "cell", "_output", "c0", "h0")),
    "SeqLSTMP": (lambda: nn.SeqLSTMP(3, 4, 2), ("packed", "cell", "_output", "c0", "h0", "hidden")),
    "SeqGRU": (lambda: nn.SeqGRU(3, 4), ("gates", "_output", "h0", "reset_h")),
}
HOSTILE = [None, np.ones(1), np.ones((2, 9)), np.ones((5, 2, 9), np.float32), "text", []]


@pytest.mark.parametrize("name", LAYERS)
def test_buffers_between_the_passes(name):
    make, fields = LAYERS[name]
    x = np.random.default_rng(0).normal(size=(5, 2, 3))
    for field in fields:
        for value in HOSTILE:
            layer = make()
            y = layer.forward(x).copy()
            setattr(layer, field, value)
            with pytest.raises((ValueError, TypeError, AttributeError)):
                layer.backward(x, y)


@pytest.mark.parametrize("name", LAYERS)
def test_parameters_of_other_sizes(name):
    make, _ = LAYERS[name]
    x = np.ones((5, 2, 3))
    for field in ("weight", "bias", "gradWeight", "gradBias", "weightO", "gradWeightO"):
        layer = make()
        if not hasattr(layer, field) or getattr(layer, field) is None:
            continue
        setattr(layer, field, getattr(layer, field)[:-1].copy())
        with pytest.raises(ValueError, match=field):
            layer.backward(x, layer.forward(x))


def test_words_of_noise_contrastive_estimation():
    layer = nn.NCEModule(3, 5, 2, np.ones(5))
    input = [np.ones((4, 3)), np.array([1, 2, 3, 5])]
    output = layer.forward(input)
    for words in (np.full(6, 10**6), np.zeros(6, int), np.ones(3, int), np.ones(6), None):
        layer.sampleidx = words
        with pytest.raises((ValueError, IndexError)):
            layer.backward(input, [np.ones_like(o) for o in output])


@pytest.mark.parametrize("name", ["SeqLSTM", "SeqGRU", "SeqLSTMP", "SeqBRNN"])
@pytest.mark.parametrize("field", ["weight", "bias"])
def test_parameters_of_sequences_that_are_missing(name, field):
    module, x = getattr(nn, name)(*((2, 3, 2) if name == "SeqLSTMP" else (2, 3))), np.ones((4, 2, 2))
    g = np.ones_like(module.forward(x))
    for part in module.listModules():
        setattr(part, field, None)
    with pytest.raises((TypeError, ValueError), match=field):
        module.forward(x)
        module.backward(x, g)


@pytest.mark.parametrize("value", [(1, 2), "text", np.ones((3, 3))])
def test_a_state_of_the_user_is_named(value):
    module = nn.SeqLSTM(3, 2)
    module.userPrevOutput = value
    with pytest.raises((TypeError, ValueError), match="userPrevOutput must"):
        module.forward(np.ones((4, 2, 3)))


def test_a_repeater_of_no_number_of_steps():
    module = nn.Repeater(nn.LSTM(3, 3), 2)
    for rho in (2**31, 0, 1.5):
        module.rho = rho
        with pytest.raises(ValueError, match="rho"):
            module.forward(np.ones((1, 3)))
