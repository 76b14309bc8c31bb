"""What recurrent modules remember from one sequence to the next."""

import numpy as np
import pytest
from recurrent_cells import D, H, T, made, near, sequence

import nn

MODES = {"both": (True, True), "train": (True, False), "eval": (False, True), "neither": (False, False)}


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("training", [True, False])
def test_remember(mode, training):
    x = sequence(6)
    whole = [y.copy() for y in nn.Sequencer(made("LSTM")).forward(x)]
    sequencer = nn.Sequencer(made("LSTM"))
    assert sequencer.remember(mode) is sequencer
    sequencer.training() if training else sequencer.evaluate()
    parts = [y.copy() for k in (0, 3) for y in sequencer.forward(x[k : k + 3])]
    lasts = MODES[mode][0 if training else 1]
    near(parts[:3], whole[:3])
    assert np.allclose(parts[3:], whole[3:]) == lasts


def test_remember_accepts_its_modes_alone():
    with pytest.raises(ValueError, match="unrecognized value for remember"):
        nn.Sequencer(nn.LSTM(2, 2)).remember("always")


def test_remember_reaches_all_sequencers():
    net = nn.Sequential().add(nn.BiSequencer(nn.LSTM(D, H))).add(nn.Sequencer(nn.LSTM(2 * H, H)))
    net.remember("both")
    bi = net.get(1)
    assert {m._remember for m in (bi, bi.fwdSeq, bi.bwdSeq, net.get(2))} == {"both"}


def test_a_change_of_mode_forgets():
    module = made("LSTM")
    sequencer = nn.Sequencer(module).remember("both").training()
    sequencer.forward(sequence())
    assert module.step == T + 1
    sequencer.evaluate()
    assert module.step == 1
