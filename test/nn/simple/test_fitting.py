"""Kernels get parameters, gradients and gradOutputs that fit: whatever does not is a ValueError."""

import numpy as np
import pytest

import nn
import torch7 as torch

X = np.arange(35.0).reshape(5, 7) / 10


def pair(n):
    return [np.ones((n, 7)), np.ones((n, 3))]


def flat(*sizes):
    count = sum(sizes)
    return [np.arange(1, count + 1), np.ones(count), np.array(sizes)]


MAKERS = {
    "Linear": (lambda: nn.Linear(7, 4), X),
    "LinearWeightNorm": (lambda: nn.LinearWeightNorm(7, 4), X),
    "Bilinear": (lambda: nn.Bilinear(7, 3, 4), pair(5)),
    "Cosine": (lambda: nn.Cosine(7, 4), X),
    "Euclidean": (lambda: nn.Euclidean(7, 4), X),
    "WeightedEuclidean": (lambda: nn.WeightedEuclidean(7, 4), X),
    "BatchNormalization": (lambda: nn.BatchNormalization(7), X),
    "LookupTable": (lambda: nn.LookupTable(10, 7), np.arange(1, 6)),
    "IndexLinear": (lambda: nn.IndexLinear(30, 4, True), flat(2, 3)),
    "Kmeans": (lambda: nn.Kmeans(3, 7), X),
}
SMALL = np.zeros((1, 1))


def fields():
    for name, (make, input) in MAKERS.items():
        for field in ("weight", "bias", "gradWeight", "gradBias", "diagCov", "gradDiagCov", "running_var", "v"):
            free = name in ("IndexLinear", "Kmeans") and field.startswith("grad")
            derived = name == "LinearWeightNorm" and field == "weight"
            if vars(make()).get(field) is not None and not free and not derived:
                yield pytest.param(make, input, field, id=f"{name}-{field}")


@pytest.mark.parametrize(("make", "input", "field"), list(fields()))
def test_a_parameter_of_another_shape_is_refused(make, input, field):
    module = make()
    gradOutput = np.ones_like(module.forward(input))
    module.backward(input, gradOutput)
    setattr(module, field, SMALL)
    with pytest.raises((ValueError, IndexError)):
        module.forward(input)
        module.backward(input, gradOutput)


def test_a_parameter_of_another_type_is_refused():
    module = nn.Linear(7, 4)
    module.gradWeight = module.gradWeight.astype(np.float32)
    module.forward(X)
    with pytest.raises(TypeError, match="gradWeight"):
        module.backward(X, np.ones((5, 4)))


OTHERS = {
    "LinearWeightNorm": X[:2],
    "Bilinear": pair(2),
    "Cosine": X[:2],
    "Euclidean": X[:2],
    "IndexLinear": flat(2, 3, 4),
    "LookupTable": np.arange(1, 9),
}


@pytest.mark.parametrize("name", OTHERS)
def test_backward_refuses_the_gradient_of_another_input(name):
    make, input = MAKERS[name]
    module = make()
    gradOutput = np.ones_like(module.forward(input))
    with pytest.raises(ValueError, match=r"shape|must be"):
        module.updateGradInput(OTHERS[name], gradOutput) if name in ("Cosine", "Euclidean") else None
        module.accGradParameters(OTHERS[name], gradOutput)
    module.forward(input)
    module.backward(input, gradOutput)


def test_backward_of_distances_refuses_another_width():
    for module in (nn.Cosine(7, 4), nn.Euclidean(7, 4)):
        gradOutput = np.ones_like(module.forward(X))
        with pytest.raises(ValueError, match="size mismatch"):
            module.updateGradInput(X[:, :3], gradOutput)


def test_backward_of_products_refuses_another_pair():
    for module, input, other in (
        (nn.MM(), [np.ones((2, 3)), np.ones((3, 4))], [np.ones((9, 3)), np.ones((3, 9))]),
        (nn.MV(), [np.ones((2, 3)), np.ones(3)], [np.ones((9, 3)), np.ones(3)]),
    ):
        gradOutput = np.ones_like(module.forward(input))
        with pytest.raises(ValueError, match="must be 9"):
            module.updateGradInput(other, gradOutput)
        with pytest.raises(ValueError, match="do not match"):
            module.updateGradInput([other[0], np.ones(np.add(other[1].shape, 1))], gradOutput)


def test_backward_of_max_refuses_winners_of_a_longer_input():
    module = nn.Max(1)
    x = np.arange(20.0).reshape(10, 2)
    gradOutput = np.ones_like(module.forward(x))
    with pytest.raises(ValueError, match="last forward"):
        module.updateGradInput(x[:3], gradOutput)


def test_sizes_of_samples_are_not_negative():
    keys, values, _ = flat(6)
    with pytest.raises(ValueError, match="negative"):
        nn.IndexLinear(30, 4).forward([keys, values, np.array([10, -4])])


def test_gradients_are_read_in_the_shape_of_the_input_at_hand():
    module = nn.LookupTable(10, 7)
    module.forward(np.array([1]))
    module.accGradParameters(np.array([2, 2]), np.ones((2, 7)))
    assert (module.gradWeight[1] == 2).all()


def test_a_largest_norm_of_zero():
    module = nn.LookupTable(4, 3, None, 0)
    assert not module.forward(np.array([1, 4])).any()


def test_an_altered_weight_of_the_right_shape_still_works():
    torch.manualSeed(1)
    module = nn.Linear(7, 4)
    module.forward(X)
    module.backward(X, np.ones((5, 4)))
    module.weight, module.gradWeight = np.ones((2, 7)), np.zeros((2, 7))
    module.bias, module.gradBias = np.zeros(2), np.zeros(2)
    np.testing.assert_allclose(module.forward(X), X.sum(1, keepdims=True).repeat(2, 1))
    module.backward(X, np.ones((5, 2)))
    np.testing.assert_allclose(module.gradWeight, X.sum(0)[None].repeat(2, 0))


def test_backward_of_index_linear_refuses_another_weight():
    module = nn.IndexLinear(30, 4, True)
    gradOutput = np.ones_like(module.forward(flat(2, 3)))
    module.weight = np.ones((30, 9))
    with pytest.raises(ValueError, match="size mismatch"):
        module.updateGradInput(flat(2, 3), gradOutput)
