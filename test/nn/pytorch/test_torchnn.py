"""Every recorded module of PyTorch, one test a record: state, output, gradients, state afterwards, printed form."""

import numpy as np
import pytest
import records
from replay import agree

import nn.pytorch as tnn

RECORDS = [pytest.param(r, id=f"{r['id']}-{r['class']}") for r in records.load("torchnn")]


@pytest.mark.parametrize("record", RECORDS)
def test_record(record):
    module = getattr(tnn, record["class"])(*record["args"], **record["kwargs"]).double()
    module.load_state_dict(record["state"])
    module.train(record["mode"] == "train")
    inputs = [x.copy() for x in record["inputs"]]
    output = module.forward(*inputs, **record["call"])
    agree(list(output) if isinstance(output, tuple) else [output], record["outputs"], "outputs")
    gradInput = module.backward(inputs if len(inputs) > 1 else inputs[0], record["gradOutputs"])
    gradInput = gradInput if isinstance(gradInput, list) else [gradInput]
    agree(gradInput, record["gradInputs"], "gradInputs")
    agree(dict(module.named_gradients()), record["gradState"], "gradState")
    agree(module.state_dict(), record["stateAfter"], "stateAfter")
    assert repr(module) == record["repr"]
    for before, after in zip(record["inputs"], inputs):
        np.testing.assert_array_equal(after, before)
