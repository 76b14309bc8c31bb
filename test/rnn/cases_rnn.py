"""Cases of rnn's modules and criterions. Recurrent modules are checked in sequencers, over sequences of three steps."""

import numpy as np

import nn
import torch7 as torch
from nn.testing import Case, CriterionCase

STEPS = [(2, 4)] * 3
FIRST_STEP = {"any_parameter_layout": "the first step has views of the parameters from the start"}
MASKED = {"input_gradient": "a zero input that is moved is masked no more; tested beside"}
MASKED_LOSS = {"gradient": "a zero input that is moved is masked no more; tested beside"}
WHOLE_GRADIENT = {
    "parameter_gradients": "accGradParameters gets gradOutput whole, as in Lua",
    "direct_update": "accGradParameters gets gradOutput whole, as in Lua",
}
TRIMMED = {"buffers_are_reused": "the samples that are left differ from call to call"}
STABILIZED = {
    "input_gradient": "adds the gradient of a penalty that is not in the output",
    "parameter_gradients": "adds the gradient of a penalty that is not in the output",
    "direct_update": "adds the gradient of a penalty that is not in the output",
}


def network(*modules):
    net = nn.Sequential()
    for module in modules:
        net.add(module)
    return net


def padded(*shape):
    """Normal numbers; in a batch some samples are zero."""

    def made():
        x = torch.randn(*shape)
        x[..., 1, :] = 0
        if x.ndim == 3:
            x[0, 0] = 0
        return x

    return made


def padded_steps():
    return list(padded(3, 3, 4)())


def words(*shape, first=1, last=5):
    return lambda: torch.random(np.empty(shape, np.int64), first, last)


def seq(module, **fields):
    for name, value in fields.items():
        setattr(module, name, value)
    return module


def normalised():
    nn.FastLSTM.bn = True
    try:
        return nn.Sequencer(nn.FastLSTM(4, 3))
    finally:
        nn.FastLSTM.bn = False


def feedback(outputSize=3):
    pair = nn.ParallelTable().add(nn.Linear(4, outputSize)).add(nn.Linear(outputSize, outputSize))
    return nn.Recurrence(network(pair, nn.CAddTable(), nn.Tanh()), outputSize, 1)


def glimpses(**fields):
    pair = nn.ParallelTable().add(nn.Linear(4, 3)).add(nn.Linear(2, 3))
    return seq(nn.RecurrentAttention(network(pair, nn.CAddTable(), nn.LSTM(3, 5)), nn.Linear(5, 2), 3, [5]), **fields)


def recurrent(rho=None):
    return nn.Recurrent(3, nn.Linear(4, 3), nn.Linear(3, 3), nn.Tanh(), rho)


CASES = [
    # small modules
    Case(lambda: nn.LinearNoBias(4, 3), (5, 4), batch=True, wrong=((5, 3),)),
    Case(lambda: nn.SAdd(1.5), (5, 4), batch=True),
    Case(lambda: nn.SAdd(-1, True), (5, 4), batch=True, name="1 - x"),
    Case(
        lambda: nn.CopyGrad(),
        (5, 4),
        batch=True,
        waive={"strict_types": "passes tensors on", "buffers_are_reused": "passes tensors on"},
    ),
    Case(
        lambda: nn.SeqReverseSequence(1),
        (3, 2, 4),
        wrong=(),
    ),
    Case(lambda: nn.SeqReverseSequence(2), (3, 2, 4), wrong=((3,),)),
    # masks
    Case(lambda: nn.MaskZero(nn.Linear(4, 3), 1), padded(3, 4), waive=WHOLE_GRADIENT | MASKED, wrong=((2, 2, 4),)),
    Case(
        lambda: nn.MaskZero(network(nn.Linear(4, 3), nn.Tanh()), 1), padded(3, 4), name="MaskZero of two", waive=MASKED
    ),
    Case(lambda: nn.MaskZero(network(nn.Linear(4, 3), nn.Tanh()), 1), (3, 4), batch=True, name="MaskZero of none"),
    Case(lambda: nn.TrimZero(nn.Linear(4, 3), 1), padded(3, 4), waive=TRIMMED | MASKED, wrong=((2, 2, 4),)),
    Case(
        lambda: nn.TrimZero(nn.Linear(4, 3), 1),
        lambda: np.zeros((3, 4)),
        name="TrimZero of all",
        waive=TRIMMED | MASKED,
    ),
    Case(
        lambda: nn.LookupTableMaskZero(5, 3),
        words(2, 4),
        wrong=(words(2, 4, first=7, last=7),),
        waive={"direct_update": "the row of index 0 is zero again at the next forward"},
    ),
    # recurrent modules
    Case(lambda: nn.Sequencer(nn.LSTM(4, 3)), STEPS, wrong=([(2, 3)],)),
    Case(lambda: nn.Sequencer(nn.LSTM(4, 3)), (3, 2, 4), name="Sequencer of a tensor", wrong=((3, 2, 3),)),
    Case(lambda: nn.Sequencer(nn.LSTM(4, 3)), [(4,)] * 3, name="Sequencer of single samples"),
    Case(lambda: nn.Sequencer(nn.LSTM(4, 3, None, False)), STEPS, name="LSTM without peepholes"),
    Case(lambda: nn.Sequencer(nn.LSTM(4, 3).maskZero(1)), padded_steps, name="LSTM.maskZero", waive=MASKED),
    Case(lambda: nn.Sequencer(nn.FastLSTM(4, 3)), STEPS),
    Case(lambda: nn.Sequencer(nn.FastLSTM(4, 3).maskZero(1)), padded(3, 3, 4), name="FastLSTM.maskZero", waive=MASKED),
    Case(
        lambda: nn.Sequencer(nn.FastLSTM(4, 3).trimZero(1)),
        padded(3, 3, 4),
        name="FastLSTM.trimZero",
        waive=TRIMMED | MASKED,
    ),
    Case(
        normalised,
        STEPS,
        name="FastLSTM.bn",
        waive={"clone_and_share": "running statistics", "files": "running statistics"},
    ),
    Case(lambda: nn.Sequencer(nn.GRU(4, 3)), STEPS),
    Case(lambda: nn.Sequencer(nn.GRU(4, 3).trimZero(1)), padded(3, 3, 4), name="GRU.trimZero", waive=TRIMMED | MASKED),
    Case(lambda: nn.Sequencer(nn.MuFuRu(4, 3)), STEPS),
    Case(lambda: nn.Sequencer(recurrent()), STEPS, name="Recurrent", waive=FIRST_STEP),
    Case(lambda: nn.Sequencer(network(feedback(), nn.Linear(3, 2))), STEPS, name="Recurrence"),
    Case(lambda: nn.Sequencer(nn.Linear(4, 3)), STEPS, name="Recursor"),
    Case(lambda: nn.Sequencer(network(nn.FastLSTM(4, 3), nn.Linear(3, 2), nn.GRU(2, 2))), STEPS, name="composite"),
    Case(lambda: nn.Sequencer(nn.Sequencer(nn.LSTM(4, 3))), [STEPS, STEPS[:2]], name="Sequencer in Sequencer"),
    Case(
        lambda: nn.Sequencer(network(nn.FastLSTM(4, 3), nn.NormStabilizer(0.5))),
        STEPS,
        name="NormStabilizer",
        waive=STABILIZED,
    ),
    # sequencers
    Case(lambda: nn.Repeater(nn.LSTM(4, 3), 3), (2, 4), wrong=((2, 3),)),
    Case(lambda: nn.Repeater(nn.Linear(4, 3), 2), (2, 4), batch=False, name="Repeater of a Recursor"),
    Case(lambda: nn.BiSequencer(nn.LSTM(4, 3)), STEPS),
    Case(lambda: nn.BiSequencer(nn.FastLSTM(4, 3), nn.GRU(4, 3), nn.CAddTable()), STEPS, name="BiSequencer of two"),
    Case(lambda: nn.BiSequencerLM(nn.GRU(4, 3)), STEPS, wrong=([(2, 4)],)),
    Case(glimpses, (2, 4), name="RecurrentAttention"),
    # whole sequences
    Case(lambda: nn.SeqLSTM(4, 3), (3, 2, 4), wrong=((3, 4), (3, 2, 3), [(2, 4), (3, 2, 4)])),
    Case(lambda: nn.SeqLSTM(4, 3), [(2, 3), (3, 2, 4)], name="SeqLSTM{h0, x}"),
    Case(lambda: nn.SeqLSTM(4, 3), [(2, 3), (2, 3), (3, 2, 4)], name="SeqLSTM{c0, h0, x}"),
    Case(lambda: seq(nn.SeqLSTM(4, 3), batchfirst=True), (2, 3, 4), name="SeqLSTM.batchfirst"),
    Case(lambda: seq(nn.SeqLSTM(4, 3), maskzero=True), padded(3, 3, 4), name="SeqLSTM.maskzero", waive=MASKED),
    Case(lambda: nn.SeqLSTMP(4, 5, 3), (3, 2, 4), wrong=((3, 2, 3),)),
    Case(lambda: nn.SeqLSTMP(4, 2, 3), [(2, 2), (2, 3), (3, 2, 4)], name="SeqLSTMP{c0, h0, x}"),
    Case(lambda: seq(nn.SeqLSTMP(4, 5, 3), maskzero=True), padded(3, 3, 4), name="SeqLSTMP.maskzero", waive=MASKED),
    Case(lambda: nn.SeqGRU(4, 3), (3, 2, 4), wrong=((3, 2, 3), [(2, 3), (2, 3), (3, 2, 4)])),
    Case(lambda: nn.SeqGRU(4, 3), [(2, 3), (3, 2, 4)], name="SeqGRU{h0, x}"),
    Case(lambda: seq(nn.SeqGRU(4, 3), batchfirst=True), (2, 3, 4), name="SeqGRU.batchfirst"),
    Case(lambda: seq(nn.SeqGRU(4, 3), maskzero=True), padded(3, 3, 4), name="SeqGRU.maskzero", waive=MASKED),
    Case(lambda: nn.SeqBRNN(4, 3), (3, 2, 4), name="SeqBRNN"),
    Case(lambda: nn.SeqBRNN(4, 3, True, nn.JoinTable(3)), (2, 3, 4), name="SeqBRNN, batch first"),
    # criterions
    CriterionCase(lambda: nn.SequencerCriterion(nn.MSECriterion()), STEPS, STEPS, wrong=((STEPS, STEPS[:2]),)),
    CriterionCase(lambda: nn.SequencerCriterion(nn.MSECriterion(), True), (3, 2, 4), (3, 2, 4), name="average"),
    CriterionCase(lambda: nn.SequencerCriterion(nn.ClassNLLCriterion()), (3, 2, 5), words(3, 2), name="NLL of steps"),
    CriterionCase(lambda: nn.RepeaterCriterion(nn.MSECriterion()), STEPS, (2, 4)),
    CriterionCase(lambda: nn.RepeaterCriterion(nn.MSECriterion()), (3, 2, 4), (2, 4), name="Repeater of a tensor"),
    CriterionCase(lambda: nn.MaskZeroCriterion(nn.MSECriterion(), 1), padded(3, 4), (3, 4), waive=MASKED_LOSS),
    CriterionCase(
        lambda: nn.MaskZeroCriterion(nn.ClassNLLCriterion(), 1), (3, 5), words(3), wrong=(((5,), (1,)),), name="none"
    ),
]
