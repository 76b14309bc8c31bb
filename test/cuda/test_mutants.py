"""Does a test notice? One barrier, wait, bound or tail at a time is taken out of a kernel, and its tests are run.

The tests are the golden records and cases that use the kernel, with every access checked. All mutants must be noticed.
"""

import re

import numpy as np
import on_gpu
import pytest
import stand_in
import test_convolution_kernels
import test_rows
from emulator.driver import EmulationError
from test_golden_records import RECORDS

from nn.thnn.cuda.runtime import kernels

pytestmark = pytest.mark.slow
#: What is taken out, in the file or header named: pattern -> what stands there instead.
CHANGES = {
    "barrier": (r"__syncthreads\(\);", ";"),
    "wait": (r"cp_wait<STAGES - 2>\(\)", "cp_wait<STAGES - 1>()"),
    "commit": (r"cp_commit\(\);\n", ";\n"),
    "bound of rows": (r"if \(m >= M\) break;", ""),
    "bound of rows of A": (r"min\(m0 \+ lr \+ i \* R, M - 1\)", "(m0 + lr + i * R)"),
    "bound of k": (r"min\(K, \(first \+ steps\) \* BK\)", "(first + steps) * BK"),
    "bound of parts": (r"m < M && j <= J", "true"),
    "turn of stages": (r"STAGES \* SIZE \? tiles", "STAGES * SIZE ? tiles + SIZE"),
    "bound of the first place": (r"p >= P", "false"),
    "bound of the second place": (r"p \+ KT >= P", "false"),
    "bound of columns": (r"if \(j < plan\[1\]\)\n", "\n"),
    "bound of lanes": (r"lane \+ i \* 32 < n \? p\[lane \+ i \* 32\]", "true ? p[lane + i * 32]"),
    "bound of the window": (r"k < kH && a < H", "k < kH"),
}
#: File of kernels -> classes of the golden records that use it.
USERS = {
    "convolution/convolution": (),
    "transfer/soft_max": ("nn.SoftMax", "nn.LogSoftMax", "nn.SpatialSoftMax"),
    "simple/batch_normalization": ("nn.BatchNormalization", "nn.SpatialBatchNormalization"),
    "simple/linear": ("nn.Linear",),
    "criterion/multi_label_margin_criterion": ("nn.MultiLabelMarginCriterion",),
    "convolution/spatial_max_pooling": ("nn.SpatialMaxPooling", "nn.SpatialDilatedMaxPooling"),
    "convolution/full_convolution": ("nn.SpatialFullConvolution",),
}
#: Those whose headers are changed too.
WITH_HEADERS = ("transfer/soft_max",)


def mutants():
    for title in USERS:
        text = kernels(f"nn.thnn.{title.replace('/', '.')}_cuda").text
        begin = text.index(f'#line 1 "{title.rpartition("/")[2]}.cu"') * (title not in WITH_HEADERS)
        for what, (pattern, instead) in CHANGES.items():
            for m in re.finditer(pattern, text[begin:]):
                line = text[begin : begin + m.start()].count("\n")
                at = begin + m.start()
                changed = text[:at] + instead + text[begin + m.end() :]
                yield pytest.param(title, changed, id=f"{title}-{what}-line {line}")


def exercise(title, cupy):
    """What uses the kernels of a file: values are compared, accesses checked."""
    for (_, name), found in RECORDS.items():
        if name in USERS[title]:
            for record in found:
                on_gpu.replay_record(record)
    if title == "convolution/convolution":
        for name in ("border", "stride, groups", "many planes", "volume"):
            for dtype in (np.float32, np.float64):
                test_convolution_kernels.test_as_on_the_cpu(cupy, name, dtype)
        with pytest.MonkeyPatch.context() as patch:
            for tiles in ((128, 0, False), (64, 2, False), (128, 0, True)):
                test_convolution_kernels.test_tiles_and_tensor_cores(cupy, "many taps", 1, *tiles, patch)
        with pytest.MonkeyPatch.context() as patch:
            test_convolution_kernels.test_splits_of_k(cupy, "deep", 3, np.float32, patch)
    if title == "simple/linear":
        with pytest.MonkeyPatch.context() as patch:
            test_rows.test_linear(cupy, True, 1 << 22, np.float32, patch)
    if title == "transfer/soft_max":
        test_rows.test_soft_max(cupy, 1500, np.float64)


@pytest.mark.parametrize("title", USERS)
def test_what_is_not_changed_passes(cupy, monkeypatch, title):
    monkeypatch.setattr(stand_in, "MODE", "check")
    exercise(title, cupy)


@pytest.mark.parametrize(("title", "text"), list(mutants()))
def test_a_mutant_is_noticed(cupy, monkeypatch, title, text):
    monkeypatch.setattr(stand_in, "MODE", "check")
    launch = kernels(f"nn.thnn.{title.replace('/', '.')}_cuda")
    monkeypatch.setattr(launch, "text", text)
    monkeypatch.setattr(launch, "launchers", {})
    with pytest.raises((AssertionError, EmulationError)):
        exercise(title, cupy)
