"""A model in ONNX Runtime, and what it must give."""

from contextlib import suppress

import numpy as np
import onnxruntime
from onnx_cases import flat, narrow

onnxruntime.set_default_logger_severity(4)


def run(model, x):
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    return session.run(None, {i.name: v for i, v in zip(session.get_inputs(), flat(narrow(x)), strict=True)})


def agree(found, expected):
    assert len(found) == len(expected)
    for a, b in zip(found, expected):
        assert a.shape == b.shape
        np.testing.assert_allclose(a, b, rtol=1e-5, atol=1e-5)


def evaluated(module, x):
    """What a module of nn gives in evaluation, in float32; of one that keeps a type of its own, in that which fits."""
    module = module.clone().evaluate()
    if any(type(m).__name__ == "DontCast" for m in module.listModules()):
        with suppress(TypeError):
            return flat(narrow(module.forward(x)))
    return flat(module.float().forward(narrow(x)))


def check(module, x, model):
    """The model gives what the module does."""
    agree(run(model, x), evaluated(module, x))


def follows_the_batch(model):
    return all(i.type.tensor_type.shape.dim[0].dim_param == "batch" for i in model.graph.input)
