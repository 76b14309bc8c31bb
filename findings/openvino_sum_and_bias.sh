#!/usr/bin/env bash
# OpenVINO 2026.4.1 on a CPU: ReduceSum over the last of three axes without keepdims, followed by Add of a constant with
# an element for each column, adds the constant along the rows of the result instead. For x = 0 ... 15 as 2 x 2 x 4 and
# the constant (100, 200)
#
#     the sums are 6, 22 / 38, 54 and must become 106, 222 / 138, 254; they become 106, 122 / 238, 254.
#
# ONNX Runtime 1.32.0 gives what the standard says, and so does OpenVINO where the sum is a product with a column of
# ones. Whoever exports a sum in front of a bias has to write it as a product.
#
# Seen: "runtime 106 222 138 254, openvino 106 122 238 254, openvino with a product 106 222 138 254".
# This script fails once that changes.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet numpy==2.4.6 onnx==1.23.2 onnxruntime==1.32.0 openvino==2026.4.1
cd "$folder"
"$folder/venv/bin/python" - <<'PYTHON'
import numpy as np
import onnxruntime
import openvino
from onnx import TensorProto, checker, helper, numpy_helper

x = np.arange(16, dtype=np.float32).reshape(2, 2, 4)
constants = {
    "axis": np.array([2]), "bias": np.array([100, 200], np.float32), "ones": np.ones((4, 1), np.float32),
}
sizes = {"x": [2, 2, 4], "y": [2, 2]}
ends = [helper.make_tensor_value_info(name, TensorProto.FLOAT, size) for name, size in sizes.items()]


def model(*nodes):
    nodes = [helper.make_node(kind, inputs, [output], **more) for kind, inputs, output, more in nodes]
    used = {name for node in nodes for name in node.input}
    given = [numpy_helper.from_array(v, k) for k, v in constants.items() if k in used]
    graph = helper.make_graph(nodes, "sums", ends[:1], ends[1:], given)
    made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    checker.check_model(made, full_check=True)
    return made.SerializeToString()


def words(y):
    return " ".join(f"{n:g}" for n in np.asarray(y).reshape(-1))


def runtime(text):
    session = onnxruntime.InferenceSession(text, providers=["CPUExecutionProvider"])
    return words(session.run(None, {"x": x})[0])


def other(text):
    core = openvino.Core()
    compiled = core.compile_model(core.read_model(text), "CPU", {"INFERENCE_PRECISION_HINT": "f32"})
    return words(compiled({"x": x})[0])


summed = model(("ReduceSum", ["x", "axis"], "s", {"keepdims": 0}), ("Add", ["s", "bias"], "y", {}))
product = model(("MatMul", ["x", "ones"], "p", {}), ("Squeeze", ["p", "axis"], "s", {}), ("Add", ["s", "bias"], "y", {}))
seen = f"runtime {runtime(summed)}, openvino {other(summed)}, openvino with a product {other(product)}"
print(seen)
assert seen == "runtime 106 222 138 254, openvino 106 122 238 254, openvino with a product 106 222 138 254"
PYTHON
