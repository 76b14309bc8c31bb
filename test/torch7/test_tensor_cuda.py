"""Every kind of tensor function gives on the GPU what it gives on the CPU."""

import numpy as np
import pytest

import torch7 as torch

X = np.array([[1.5, -2.0, 3.0], [4.0, 0.5, -6.0]])
MASK = np.array([[0, 1, 1], [1, 0, 0]], np.uint8)
PLACES = np.array([[3, 1], [2, 2]])
CALLS = {
    "abs": lambda x, to: torch.abs(x),
    "round": lambda x, to: torch.round(x),
    "sigmoid": lambda x, to: torch.sigmoid_(x.copy()),
    "add": lambda x, to: torch.add(x, 2, x),
    "clamp": lambda x, to: torch.clamp_(x.copy(), -1, 2),
    "pow": lambda x, to: torch.pow(2, x),
    "cdiv": lambda x, to: torch.cdiv(x, to(X + 10)),
    "div": lambda x, to: torch.div(torch.long(x), 2),
    "addmm": lambda x, to: torch.addmm(2, to(np.ones((2, 2))), 3, x, torch.t(x)),
    "bmm": lambda x, to: torch.bmm(x.reshape(1, 2, 3), x.reshape(1, 3, 2)),
    "dot": lambda x, to: torch.dot(x, x),
    "cross": lambda x, to: torch.cross(x, x[::-1]),
    "sum": lambda x, to: (torch.sum(x), torch.sum(x, 1)),
    "std": lambda x, to: (torch.std(x), torch.std(x, 2)),
    "norm": lambda x, to: (torch.norm(x, 3), torch.norm(x, 1, 1)),
    "renorm": lambda x, to: torch.renorm(x, 2, 1, 1),
    "histc": lambda x, to: torch.histc(x, 3),
    "max": lambda x, to: torch.max(x, 2),
    "sort": lambda x, to: torch.sort(x, 2, True),
    "topk": lambda x, to: torch.topk(x, 2),
    "median": lambda x, to: (torch.median(x), torch.median(x, 1)),
    "mode": lambda x, to: torch.mode(x),
    "eq": lambda x, to: torch.eq(x, 3),
    "any": lambda x, to: torch.any(to(MASK)),
    "cat": lambda x, to: torch.cat(x, x, 1),
    "index": lambda x, to: torch.index(x, 2, to(np.array([3, 1]))),
    "indexAdd": lambda x, to: torch.indexAdd(x.copy(), 1, [1, 1], x),
    "gather": lambda x, to: torch.gather(x, 2, to(PLACES)),
    "scatter": lambda x, to: torch.scatter(x.copy(), 2, to(PLACES), 7),
    "scatterAdd": lambda x, to: torch.scatterAdd(x.copy(), 2, to(PLACES), to(np.ones((2, 2)))),
    "maskedSelect": lambda x, to: torch.maskedSelect(x, to(MASK)),
    "maskedFill": lambda x, to: torch.maskedFill(x.copy(), to(MASK), 7),
    "maskedCopy": lambda x, to: torch.maskedCopy(x.copy(), to(MASK), x),
    "nonzero": lambda x, to: torch.nonzero(x),
    "unfold": lambda x, to: torch.unfold(x, 2, 2, 1),
    "expand": lambda x, to: torch.expand(x[:, :1], 2, 4),
    "repeatTensor": lambda x, to: torch.repeatTensor(x, 2, 2),
    "copy": lambda x, to: torch.copy(x.copy(), X[::-1]),
    "apply": lambda x, to: torch.apply(x.copy(), lambda v: v + 1),
    "resize": lambda x, to: torch.resize(x, 8),
    "storage": lambda x, to: torch.storage(torch.t(x)),
    "float": lambda x, to: torch.float(x),
}


@pytest.fixture
def cupy():
    cupy = pytest.importorskip("cupy")
    if not cupy.cuda.is_available():
        pytest.skip("no CUDA device")
    return cupy


@pytest.mark.cuda
@pytest.mark.parametrize("name", CALLS)
def test_gpu_agrees_with_cpu(cupy, name):
    expected = CALLS[name](X.copy(), lambda a: a)
    got = CALLS[name](cupy.asarray(X), cupy.asarray)
    for a, b in zip(got if isinstance(got, tuple) else [got], expected if isinstance(expected, tuple) else [expected]):
        np.testing.assert_allclose(cupy.asnumpy(a), b, rtol=1e-12)


@pytest.mark.parametrize("name", CALLS)
def test_calls_run_on_the_cpu(name):
    x = X.copy()
    CALLS[name](x, lambda a: a)
    np.testing.assert_array_equal(x, X)


@pytest.mark.cuda
def test_mixed_devices_are_refused(cupy):
    with pytest.raises(TypeError, match=r"torch\.CudaDoubleTensor"):
        torch.cmul(cupy.asarray(X), X)
    assert torch.tostring(cupy.asarray(X)).endswith("[torch.CudaDoubleTensor of size 2x3]")
