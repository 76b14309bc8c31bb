"""FlattenTable."""

import numpy as np
import pytest
from filling import tensors

import nn
import torch7 as torch


class TestFlattenTable:
    def test_leaves_in_order_by_reference(self):
        a, b, c, d = tensors(1, 2, 3, 4)
        m = nn.FlattenTable()
        out = m.forward([a, [b, (c,)], {"x": d}])
        assert [o is e for o, e in zip(out, (a, b, c, d))] == [True] * 4
        g = tensors(5, 6, 7, 8)
        gradInput = m.backward([a, [b, (c,)], {"x": d}], g)
        assert gradInput[0] is g[0] and gradInput[1][0] is g[1] and gradInput[1][1][0] is g[2]
        assert gradInput[2]["x"] is g[3]

    def test_the_output_stays_while_the_tensors_do(self):
        m = nn.FlattenTable()
        a, b = tensors(1, 2)
        out = m.forward([a, [b]])
        assert m.forward([a, [b]]) is out
        assert m.forward([b, [a]]) is not out and out[0] is a
        assert m.backward([a], [b]) == [b]
        assert m.float() is m and m.type() == "torch.FloatTensor"

    def test_the_map_of_places_has_the_shape_of_the_input(self):
        m = nn.FlattenTable()
        a, b, c = tensors(1, 2, 3)
        m.forward([a, {"x": b}])
        first = m.input_map
        assert first == [1, {"x": 2}]
        m.forward([a, {"x": b}])
        assert m.input_map is first
        out = m.forward([[a, b]])
        assert m.input_map == [[1, 2]] and out is not m.forward([[a, b], c]) and first == [1, {"x": 2}]
        assert m.clearState().input_map == [] and torch.deserialize(torch.serialize(m)).input_map == []

    def test_counts_must_agree(self):
        with pytest.raises(ValueError, match="1 gradients for 2 tensors"):
            nn.FlattenTable().backward(tensors(1, 2), tensors(1))
        with pytest.raises(TypeError, match="must be a table"):
            nn.FlattenTable().forward(np.ones(2))
