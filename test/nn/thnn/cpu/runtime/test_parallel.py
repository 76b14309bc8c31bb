"""What travels to a team's body, and that every part runs once."""

import numpy as np
import pytest

from nn.thnn.cpu.runtime.parallel import team, unpack
from nn.thnn.cpu.simd import registers as simd


@team
def _echo(frame, like, part, parts):
    out, x, i, flag, f = unpack(frame, like, "ppiif")
    simd.put(out, part, simd.get(x, 1) * i * flag + f)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("parts", [1, 3])
def test_arrays_integers_flags_and_floats_arrive(dtype, parts):
    out = np.zeros(3, dtype)
    for x in (np.arange(4, dtype=dtype), np.arange(4, dtype=dtype).reshape(2, 2), np.arange(8, dtype=dtype)[::2]):
        out[:] = -1
        _echo(out, parts, out, np.ascontiguousarray(x), 5, True, 0.25)
        assert out[:parts].tolist() == [5 * x.reshape(-1)[1] + 0.25] * parts
        assert (out[parts:] == -1).all()


def test_a_strided_array_travels_as_its_address():
    out, x = np.zeros(1, np.float32), np.arange(12, dtype=np.float32).reshape(3, 4)[:, 1:]
    _echo(out, 1, out, x, 1, True, np.float32(0.5))
    assert out[0] == 2.5
