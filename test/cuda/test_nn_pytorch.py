"""nn.pytorch on the stand-in for CuPy: every record of PyTorch's modules, and the battery's cases in both types."""

import copy
import sys
from pathlib import Path

import numpy as np
import on_gpu
import pytest
import records
from replay import agree

import nn.pytorch as tnn

sys.path.insert(0, str(Path(__file__).parents[1] / "nn" / "pytorch"))
from cases_pytorch import CASES
from test_battery_pytorch import identifiers

RECORDS = [pytest.param(r, id=f"{r['id']}-{r['class']}") for r in records.load("torchnn")]
TOLERANCE = {"float64": 1e-9, "float32": 1e-4}


@pytest.mark.parametrize("record", RECORDS)
def test_record(cupy, record):
    module = getattr(tnn, record["class"])(*record["args"], **record["kwargs"]).double()
    module.load_state_dict(record["state"])
    module.train(record["mode"] == "train")
    module.cuda()
    inputs = on_gpu.there([x.copy() for x in record["inputs"]])
    output = module.forward(*inputs, **on_gpu.there(record["call"]))
    agree(on_gpu.here(list(output) if isinstance(output, tuple) else [output]), record["outputs"], "outputs")
    gradOutputs = on_gpu.there(record["gradOutputs"])
    gradInput = module.backward(inputs if len(inputs) > 1 else inputs[0], gradOutputs)
    agree(on_gpu.here(gradInput if isinstance(gradInput, list) else [gradInput]), record["gradInputs"], "gradInputs")
    agree(on_gpu.here(dict(module.named_gradients())), record["gradState"], "gradState")
    agree(on_gpu.here(dict(module.state_dict())), record["stateAfter"], "stateAfter")


def floats(value, dtype):
    """Floats of a nested value as ``dtype``; copies."""
    if isinstance(value, np.ndarray):
        return value.astype(dtype) if value.dtype.kind == "f" else value.copy()
    if isinstance(value, list | tuple) and not hasattr(value, "_fields"):
        return type(value)(floats(v, dtype) for v in value)
    return type(value)(*(floats(v, dtype) for v in value)) if isinstance(value, tuple) else value


def gradients_like(output):
    """Random gradients of the floats of an output, in a list."""
    generator = np.random.default_rng(1)
    arrays = [y for y in on_gpu.flat(output) if y.dtype.kind == "f"]
    return [generator.standard_normal(y.shape).astype(y.dtype) for y in arrays]


def passes(case, module, inputs, call, to):
    """Output, gradients by inputs and by parameters, on the CPU; ``to`` brings arrays to where the module is."""
    tnn.manual_seed(3)
    output = module.forward(*inputs, **call)
    g = [to(x) for x in gradients_like(on_gpu.here(output))]
    given = module.backward(list(inputs) if len(inputs) > 1 else inputs[0], g if len(g) > 1 else g[0])
    gradients = [(name, p.grad) for name, p in module.named_parameters()]
    return on_gpu.here((output, given, gradients))


@pytest.mark.parametrize("dtype", TOLERANCE)
@pytest.mark.parametrize("case", CASES, ids=identifiers())
def test_case(cupy, case, dtype):
    tnn.manual_seed(0)
    module = case.make()
    module = module.double() if dtype == "float64" else module.float()
    module.train(not case.evaluate)
    data, call = floats(case.data(), dtype), floats(case.call, dtype)
    inputs = tuple(data) if isinstance(data, list) else (data,)
    other = copy.deepcopy(module).cuda()
    expected = passes(case, module, copy.deepcopy(inputs), call, lambda x: x)
    found = passes(case, other, on_gpu.there(inputs), on_gpu.there(call), cupy.asarray)
    on_gpu.alike(found, expected, TOLERANCE[dtype])
