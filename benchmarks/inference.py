"""Inference of whole networks beside ONNX Runtime, OpenCV and PyTorch.

``python -m benchmarks.inference``, options in [contests.py]: a forward of ``net.evaluate()``, of ``nn.freeze``, of ONNX
Runtime on the file that ``torch7.onnx`` writes, of OpenCV on the .t7 file, which its reader takes of plain networks up
to version 4, and of PyTorch without gradients.
"""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

import nn
import torch7
import torch7.onnx

from . import contests
from .contests import COMPILED, Contest, Run
from .steps import translated

BATCHES = {
    "vgg": [1, 32], "lenet": [1], "alexnet": [1, 8], "bottlenecks": [1], "resnet14": [1, 32], "c3d": [1],
    "generator": [1], "discriminator": [1], "mlp": [1, 128],
}  # fmt: skip
#: Networks whose modules OpenCV's reader knows.
PLAIN = {nn.SpatialConvolution, nn.SpatialMaxPooling, nn.ReLU, nn.Tanh, nn.Linear, nn.View, nn.LogSoftMax}


def trained(net: Any, x: np.ndarray) -> Any:
    """The network in evaluation, with statistics of batch normalization."""
    net.training().forward(np.concatenate([x, 0.5 * x]))
    return net.evaluate()


def ours(net: Any, x: np.ndarray, threads: int) -> Run:
    net = trained(net, x)
    return lambda: net.forward(x)


def frozen(net: Any, x: np.ndarray, threads: int) -> Run:
    net = nn.freeze(trained(net, x), x)
    return lambda: net.forward(x)


def onnx(net: Any, x: np.ndarray, threads: int) -> Run:
    import onnxruntime

    settings = onnxruntime.SessionOptions()
    settings.intra_op_num_threads = threads
    model = torch7.onnx.export(trained(net, x), x, None, dynamic=False).SerializeToString()
    session = onnxruntime.InferenceSession(model, settings, providers=["CPUExecutionProvider"])
    given = {session.get_inputs()[0].name: x}
    return lambda: session.run(None, given)


def opencv(net: Any, x: np.ndarray, threads: int) -> Run | None:
    import cv2

    modules = {type(module) for module in net.listModules()} - {nn.Sequential, nn.SpatialBatchNormalization}
    if not modules <= PLAIN or not hasattr(cv2.dnn, "readNetFromTorch"):
        return None
    with TemporaryDirectory() as folder:
        file = str(Path(folder) / "net.t7")
        torch7.save(file, trained(net, x).clearState())
        session = cv2.dnn.readNetFromTorch(file)
    session.setInput(x)
    return session.forward


def pytorch(net: Any, x: np.ndarray, threads: int) -> Run:
    return without_gradients(*translated(trained(net, x), x))


def channels_last(net: Any, x: np.ndarray, threads: int) -> Run | None:
    return without_gradients(*translated(trained(net, x), x, channels_last=True)) if x.ndim == 4 else None


def compiled(net: Any, x: np.ndarray, threads: int) -> Run:
    import torch

    module, inputs = translated(trained(net, x), x)
    return without_gradients(torch.compile(module), inputs)


def without_gradients(module: Any, inputs: Any) -> Run:
    import torch

    def run():
        with torch.no_grad():
            return module(inputs)

    return run


CONTEST = Contest(
    module="inference",
    what="forward",
    batches=BATCHES,
    makers={
        "torch7": ours,
        "frozen": frozen,
        "ONNX Runtime": onnx,
        "OpenCV": opencv,
        "PyTorch": pytorch,
        "channels last": channels_last,
        COMPILED: compiled,
    },
    ours=("frozen",),
    peers={
        "ONNX Runtime": ("ONNX Runtime",),
        "OpenCV": ("OpenCV",),
        "PyTorch": ("PyTorch",),
        "best of PyTorch": ("PyTorch", "channels last", COMPILED),
    },
)

if __name__ == "__main__":
    contests.main(CONTEST, __doc__)
