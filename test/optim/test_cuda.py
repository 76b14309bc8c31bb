"""The CUDA updates: compiled as C++ and run on the CPU they must agree with the Numba kernels; on a GPU likewise."""

import ctypes
import shutil
import subprocess

import numpy as np
import pytest

import optim
from optim import cuda, kernels

C_TYPES = {np.float32: "float", np.float64: "double"}
NUMBERS = {
    "rprop": [1.2, 0.5, 0.6, 0.2],
    "adadelta": [0.1, 0.9, 0.1, 1e-3],
    "asgd": [0.9, 0.1, 0.25],
    "momentum": [0.1, 0.5, 0.01, 0.9, 0.3, 0.9],
}


def arrays_and_numbers(name):
    """How many leading arguments of a kernel are arrays; the rest are numbers."""
    written, read = cuda.signatures()[name]
    return len(written) + 1, len(read) - 1


def draw(name, dtype, size=1000):
    count, numbers = arrays_and_numbers(name)
    generator = np.random.default_rng(3)
    arrays = [generator.standard_normal(size).astype(dtype) for _ in range(count)]
    arrays[1:-1] = [abs(a) for a in arrays[1:-1]] if name != "rprop" else [arrays[1], abs(arrays[2])]
    values = NUMBERS.get(name) or (0.05 + 0.9 * generator.random(numbers)).tolist()
    return arrays, [dtype(v) for v in values]


@pytest.fixture(scope="module")
def compiled(tmp_path_factory):
    if shutil.which("g++") is None:
        pytest.skip("needs g++")
    lines = ["#include <cmath>", "using namespace std;", "#define __device__ static", cuda.SOURCE.read_text()]
    for name, (written, read) in cuda.signatures().items():
        count, arguments = len(written) + 1, written + read
        given = ", ".join(f"{a}_[i]" for a in arguments[:count]) + "".join(f", {a}" for a in arguments[count:])
        for ctype in C_TYPES.values():
            pointers = [f"{ctype}* {a}_" for a in arguments[:count]] + [f"{ctype} {a}" for a in arguments[count:]]
            signature = ", ".join(["long size_", *pointers])
            lines.append(f'extern "C" void {name}_{ctype}({signature}) {{')
            lines.append(f"for (long i = 0; i < size_; i++) {name}({given}); }}")
    folder = tmp_path_factory.mktemp("cuda")
    (folder / "kernels.cpp").write_text("\n".join(lines))
    library = folder / "kernels.so"
    subprocess.run(
        ["g++", "-O1", "-Wall", "-Werror", "-shared", "-fPIC", "-o", library, folder / "kernels.cpp"], check=True
    )
    return ctypes.CDLL(str(library))


@pytest.mark.parametrize("dtype", C_TYPES)
@pytest.mark.parametrize("name", cuda.signatures())
def test_same_as_the_cpu_kernel(compiled, name, dtype):
    arrays, values = draw(name, dtype)
    expected = [a.copy() for a in arrays]
    getattr(kernels, name)(*expected, *values)
    number = ctypes.c_float if dtype is np.float32 else ctypes.c_double
    pointers = [a.ctypes.data_as(ctypes.c_void_p) for a in arrays]
    call = getattr(compiled, f"{name}_{C_TYPES[dtype]}")
    call(ctypes.c_long(arrays[0].size), *pointers, *(number(v) for v in values))
    changed = False
    for got, want, start in zip(arrays, expected, draw(name, dtype)[0]):
        np.testing.assert_allclose(got, want, rtol=0, atol=(2e-6 if dtype is np.float32 else 1e-13) * abs(want).max())
        changed |= not np.array_equal(got, start)
    assert changed


def test_every_kernel_has_both_forms():
    fused = {name for name, value in vars(kernels).items() if isinstance(value, kernels.Update)}
    assert fused == set(cuda.signatures())


@pytest.mark.cuda
@pytest.mark.parametrize("method", ["sgd", "nag", "asgd", "adam", "adamax", "adagrad", "adadelta", "rmsprop", "rprop"])
def test_on_a_gpu(method):
    cupy = pytest.importorskip("cupy")
    x = np.random.default_rng(0).standard_normal((7, 5)).astype(np.float32)
    y, states = cupy.asarray(x), ({}, {})
    settings = {"momentum": 0.9, "learningRates": 0.5 + x**2} if method == "sgd" else {}
    there = {**settings, "learningRates": cupy.asarray(0.5 + x**2)} if settings else {}
    for _ in range(4):
        getattr(optim, method)(lambda x: (0.0, 2 * x), x, settings, states[0])
        getattr(optim, method)(lambda y: (0.0, 2 * y), y, there, states[1])
    np.testing.assert_allclose(y.get(), x, rtol=0, atol=1e-5)


@pytest.mark.cuda
@pytest.mark.parametrize("settings", [{}, {"lineSearch": optim.lswolfe}])
def test_lbfgs_on_a_gpu(settings):
    cupy = pytest.importorskip("cupy")
    x = np.linspace(-1, 2, 9)
    y = cupy.asarray(x)
    for point in (x, y):
        optim.lbfgs(lambda p: (float((p**4).sum()), 4 * p**3), point, {"learningRate": 0.1, **settings})
        optim.cg(lambda p: (float((p**4).sum()), 4 * p**3), point)
    np.testing.assert_allclose(y.get(), x, rtol=0, atol=1e-9)
