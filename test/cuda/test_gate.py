"""Every instance of every kernel through NVIDIA's compiler, and its binary judged: no spills, registers, instructions.

``limits.json`` has what the products may take on compute capability 9.0; other kernels may take 64 registers.
"""

import json
from pathlib import Path

import gate_texts
import nvrtc
import pytest

pytestmark = pytest.mark.skipif(
    nvrtc.root() is None,
    reason="needs nvidia-cuda-nvrtc and nvidia-cuda-nvdisasm, 13.2 or newer",
)
LIMITS = json.loads((Path(__file__).parent / "limits.json").read_text())
OTHERS = {"registers": 64}
TEXTS = gate_texts.texts()


@pytest.mark.parametrize("title", TEXTS)
def test_binaries_keep_their_limits(title, tmp_path):
    text, names = TEXTS[title]
    loops = any(len(LIMITS.get(name, ())) > 1 for name in names)
    found = nvrtc.judged(text, names, 90, tmp_path / "kernels.cubin" if loops else None)
    assert set(found) == set(names)
    for name, kernel in found.items():
        limits, size = LIMITS.get(name, OTHERS), sum(kernel.loop.values())
        assert kernel.spills == 0 and kernel.stack == 0, name
        assert kernel.registers <= limits["registers"], name
        if "share of FMA" in limits:
            assert kernel.loop["FMA"] / size >= limits["share of FMA"], name
        if "instructions an HMMA" in limits:
            assert size / kernel.loop["HMMA"] <= limits["instructions an HMMA"], name


@pytest.mark.slow
@pytest.mark.parametrize("target", [t for t in nvrtc.TARGETS if t != 90])
@pytest.mark.parametrize("title", TEXTS)
def test_every_instance_compiles_for(title, target):
    text, names = TEXTS[title]
    _, lowered, _ = nvrtc.compiled(text, names, target)
    assert set(lowered.values()) == set(names)


def test_every_limit_is_of_an_instance():
    assert set(LIMITS) <= {name for _, names in TEXTS.values() for name in names}


COUNTS = """
template <class T> __global__ void counts(const T* x, T* y, int n) {
    T a[64];
    for (int i = 0; i < 64; i++) a[i] = 0;
    for (int k = 0; k < n; k++) a[(int)x[k] & 63] += x[k];
    for (int i = 0; i < 64; i++) y[i] = a[i];
}
"""


def test_a_stack_is_seen():
    kernel = nvrtc.judged(COUNTS, ("counts<float>",), 90)["counts<float>"]
    assert kernel.stack == 256 and kernel.spills == 0 and 8 < kernel.registers < 255


def test_a_kernel_that_does_not_compile():
    with pytest.raises(RuntimeError, match="no_such_type"):
        nvrtc.compiled("template <class T> __global__ void f(no_such_type x) {}", ("f<float>",), 90)
