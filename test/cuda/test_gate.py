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
    reason="needs nvidia-cuda-nvrtc, nvidia-cuda-cuobjdump and nvidia-cuda-nvdisasm, 13.2 or newer",
)
LIMITS = json.loads((Path(__file__).parent / "limits.json").read_text())
OTHERS = {"registers": 64}
TEXTS = gate_texts.texts()


@pytest.mark.parametrize("title", TEXTS)
def test_binaries_keep_their_limits(title, tmp_path):
    text, names = TEXTS[title]
    found = nvrtc.judged(text, names, 90, tmp_path / "kernels.cubin")
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
    _, lowered = nvrtc.compiled(text, names, target)
    assert set(lowered.values()) == set(names)


def test_every_limit_is_of_an_instance():
    assert set(LIMITS) <= {name for _, names in TEXTS.values() for name in names}


def test_a_kernel_that_does_not_compile():
    with pytest.raises(RuntimeError, match="no_such_type"):
        nvrtc.compiled("template <class T> __global__ void f(no_such_type x) {}", ("f<float>",), 90)
