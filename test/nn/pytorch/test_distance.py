"""Norms and distances: gradients by differences for every p, kinks, printed forms, refusals."""

import numpy as np
import pytest
from gradients import agrees, function_agrees

import nn.pytorch as tnn
import nn.pytorch.functional as F

RNG = np.random.default_rng(6)


@pytest.mark.parametrize("p", [0.5, 1.0, 1.5, 2.0, 3.0, np.inf, -1.0])
def test_gradients_for_every_norm(p):
    function_agrees(
        F.pairwise_distance, F.pairwise_distance_backward, RNG.normal(size=(3, 4)), RNG.normal(size=(1, 4)), p
    )
    function_agrees(F.normalize, F.normalize_backward, RNG.normal(size=(3, 4)), p)
    if p >= 0:
        function_agrees(F.pdist, F.pdist_backward, RNG.normal(size=(4, 3)), p)


def test_cosine_similarity():
    function_agrees(
        F.cosine_similarity, F.cosine_similarity_backward, RNG.normal(size=(2, 3, 2)), RNG.normal(size=(3, 1))
    )
    function_agrees(F.cosine_similarity, F.cosine_similarity_backward, *RNG.normal(size=(2, 3)), dim=0)
    zero, y = np.zeros((1, 2)), np.array([[1.0, 1.0]])
    assert F.cosine_similarity(zero, y).item() == 0
    np.testing.assert_allclose(F.cosine_similarity_backward(np.ones(1), zero, y)[0], [[7.0710678e7] * 2])


def test_distances_of_equal_rows():
    x = np.ones((2, 3))
    np.testing.assert_allclose(F.pairwise_distance(x, x), np.sqrt(3) * 1e-6)
    assert F.pdist(x).tolist() == [0] and not F.pdist_backward(np.ones(1), x)[0].any()
    assert F.pdist(x, 0).tolist() == [0]
    assert F.normalize(np.zeros((2, 2))).tolist() == [[0, 0], [0, 0]]
    np.testing.assert_allclose(F.pdist(np.array([[0.0, 0], [3, 4], [6, 8]])), [5, 10, 5])


def test_layers():
    a, b = RNG.normal(size=(2, 3, 4))
    agrees(tnn.CosineSimilarity(dim=0), [a, b])
    agrees(tnn.PairwiseDistance(1.5, keepdim=True), [a, b])
    assert repr(tnn.CosineSimilarity()) == "CosineSimilarity()" and repr(tnn.PairwiseDistance()) == "PairwiseDistance()"
    assert tnn.PairwiseDistance()(a[0], b[0]).shape == ()


def test_triplet_with_a_distance_of_ones_own():
    inputs = RNG.normal(size=(3, 4, 3))
    loss = tnn.TripletMarginWithDistanceLoss(distance_function=lambda x, y: 1 - F.cosine_similarity(x, y), swap=True)
    agrees_loss(loss, inputs)
    plain = tnn.TripletMarginWithDistanceLoss(margin=0.5)
    np.testing.assert_allclose(plain(*inputs), tnn.TripletMarginLoss(margin=0.5)(*inputs))
    assert repr(plain) == "TripletMarginWithDistanceLoss(\n  (distance_function): PairwiseDistance()\n)"
    with pytest.raises(TypeError, match="arctan has no recorded gradient"):
        tnn.TripletMarginWithDistanceLoss(distance_function=lambda x, y: np.arctan(x - y).sum(1))(*inputs)
    with pytest.raises(ValueError, match="margin"):
        tnn.TripletMarginWithDistanceLoss(margin=-1.0)


def agrees_loss(loss, inputs):
    value = loss(*inputs)
    given = [g.copy() for g in loss.backward(*inputs)]
    for x, g in zip(inputs, given):
        for i in np.ndindex(x.shape):
            x[i] += 1e-6
            np.testing.assert_allclose((loss(*inputs) - value) / 1e-6, g[i], atol=1e-4)
            x[i] -= 1e-6


def test_refusals():
    with pytest.raises(ValueError, match=r"\(2, 3\) and \(2, 4\)"):
        F.pairwise_distance(np.ones((2, 3)), np.ones((2, 4)))
    with pytest.raises(ValueError, match="pdist"):
        F.pdist(np.ones(3))
    with pytest.raises(TypeError, match="float"):
        F.cosine_similarity(np.ones((2, 2), int), np.ones((2, 2)))
