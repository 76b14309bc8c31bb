"""What every runtime reads alike: no exported file holds a form that some read otherwise, or not at all."""

import onnx
from onnx import numpy_helper

#: Attributes that runtimes ignore or read differently.
NEVER = {
    "auto_pad", "output_shape", "layout", "clip", "activations", "direction", "input_forget", "antialias",
    "exclude_outside", "keep_aspect_ratio_policy",
}  # fmt: skip
#: Operators that are written out.
WRITTEN_OUT = {"LpPool", "LRN", "Softplus", "Resize", "Upsample", "Hardmax", "LpNormalization"}


def read_alike(model):
    """The model holds nothing that runtimes read differently."""
    constants = {c.name: numpy_helper.to_array(c) for c in model.graph.initializer}
    for node in model.graph.node:
        attributes = {a.name: onnx.helper.get_attribute_value(a) for a in node.attribute}
        assert not NEVER & set(attributes), node.op_type
        assert not attributes.get("ceil_mode") and node.op_type not in WRITTEN_OUT
        check_node(node.op_type, attributes, [constants.get(name) for name in node.input])


def check_node(kind, a, given):
    if kind in ("MaxPool", "AveragePool"):  # a window begins inside, and a border is narrower than it
        pads, kernel = a.get("pads", [0] * 2 * len(a["kernel_shape"])), a["kernel_shape"]
        assert all(p < k for p, k in zip(pads, [*kernel, *kernel]))
        assert kind == "MaxPool" or not any(pads)
    if kind in ("Softmax", "LogSoftmax"):
        assert "axis" in a
    if kind == "Pad":
        assert (given[1] >= 0).all()
    if kind == "PRelu" and given[1] is not None and given[1].size > 1:
        assert given[1].shape[0] == given[1].size
