"""Gradients by finite differences, for the modules of nn.pytorch."""

import numpy as np


def flat(x):
    return [x] if x is None or isinstance(x, np.ndarray) else list(x)


def value(module, inputs, gradOutputs, settings):
    outputs = floats(module.forward(*inputs, **settings))
    return sum(float((y * g).sum()) for y, g in zip(outputs, gradOutputs))


def floats(output):
    if isinstance(output, (list, tuple)):
        return [a for part in output for a in floats(part)]
    return [output] if isinstance(output, np.ndarray) and output.dtype.kind == "f" else []


def numeric(f, array, h=1e-6):
    grad = np.zeros(array.shape)
    for i in np.ndindex(array.shape):
        before = array[i]
        array[i] = before + h
        up = f()
        array[i] = before - h
        down = f()
        array[i] = before
        grad[i] = (up - down) / (2 * h)
    return grad


def agrees(module, inputs, before=lambda: None, atol=1e-6, **settings):
    """Compare backward with differences, by every float input and parameter; ``before`` runs before each forward."""
    inputs = flat(inputs)

    def run():
        before()
        return value(module, inputs, gradOutputs, settings)

    before()
    shapes = [y.shape for y in floats(module.forward(*inputs, **settings))]
    rng = np.random.default_rng(0)
    gradOutputs = [rng.normal(size=shape) for shape in shapes]
    module.zero_grad()
    run()
    given = flat(module.backward(inputs if len(inputs) > 1 else inputs[0], gradOutputs))
    given = [None if g is None else g.copy() for g in given]
    for x, g in zip(inputs, given):
        if x.dtype.kind == "f":
            np.testing.assert_allclose(g, numeric(run, x), atol=atol, rtol=1e-5, err_msg="gradInput")
        else:
            assert g is None
    for name, p in module.named_parameters():
        np.testing.assert_allclose(p.grad, numeric(run, p.data), atol=atol, rtol=1e-5, err_msg=name)


def function_agrees(function, backward, *args, before=lambda: None, atol=1e-6, **settings):
    """Compare ``F.name_backward`` with differences of ``F.name``, by every array of float64 among ``args``."""

    def run():
        before()
        return function(*args, **settings)

    gradOutput = np.random.default_rng(0).normal(size=run().shape)
    given = iter(backward(gradOutput, *args, **settings))
    for x in args:
        if isinstance(x, np.ndarray) and x.dtype == np.float64:
            measured = numeric(lambda: float((run() * gradOutput).sum()), x)
            np.testing.assert_allclose(next(given), measured, atol=atol, rtol=1e-5)
