"""``nn.Jacobian`` and ``nn.SparseJacobian``: they measure, they find errors, they leave arguments alone."""

import numpy as np
import pytest

import nn
import torch7 as torch
from nn.testing.tensors import flat


@pytest.fixture(autouse=True)
def seed():
    torch.manualSeed(5)


@pytest.fixture
def linear():
    return nn.Linear(3, 2)


@pytest.fixture
def input():
    return torch.randn(4, 3)


def test_matrices_have_a_row_for_each_element_of_the_input(linear, input):
    measured, computed = nn.Jacobian.forward(linear, input), nn.Jacobian.backward(linear, input)
    assert measured.shape == computed.shape == (12, 8)
    expected = np.kron(np.eye(4), linear.weight.T)
    np.testing.assert_allclose(computed, expected, atol=1e-15)
    np.testing.assert_allclose(measured, expected, atol=1e-9)


def test_matrices_of_a_parameter(linear, input):
    measured = nn.Jacobian.forward(linear, input, linear.bias)
    computed = nn.Jacobian.backward(linear, input, linear.bias, linear.gradBias)
    np.testing.assert_allclose(computed, np.tile(np.eye(2), 4))
    np.testing.assert_allclose(measured, computed, atol=1e-9)


def test_arguments_are_restored(linear, input):
    before, weight = input.copy(), linear.weight.copy()
    nn.Jacobian.forward(linear, input)
    nn.Jacobian.forward(linear, input, linear.weight)
    nn.Jacobian.forwardUpdate(linear, input, linear.weight)
    nn.Jacobian.backwardUpdate(linear, input, linear.weight)
    assert np.array_equal(input, before)
    assert np.array_equal(linear.weight, weight)


def test_update_matrices_are_the_parameter_less_its_gradient(linear, input):
    computed = nn.Jacobian.backwardUpdate(linear, input, linear.bias)
    np.testing.assert_allclose(computed, linear.bias[:, None] - np.tile(np.eye(2), 4))
    np.testing.assert_allclose(nn.Jacobian.forwardUpdate(linear, input, linear.bias), computed, atol=1e-9)


def test_tables_of_tensors():
    net = nn.ParallelTable().add(nn.Tanh()).add(nn.Sigmoid())
    input = [torch.randn(2), torch.randn(3)]
    computed = nn.Jacobian.backward(net, input)
    assert computed.shape == (5, 5)
    np.testing.assert_allclose(nn.Jacobian.forward(net, input), computed, atol=1e-9)
    assert not computed[:2, 2:].any()


def test_right_gradients_pass(linear, input):
    assert nn.Jacobian.testJacobian(linear, input) < 1e-8
    assert nn.Jacobian.testJacobianParameters(linear, input, linear.weight, linear.gradWeight) < 1e-8
    assert nn.Jacobian.testJacobianUpdateParameters(linear, input, linear.weight) < 1e-8
    assert max(nn.Jacobian.testAllUpdate(linear, input, "weight", "gradWeight").values()) < 1e-12
    assert nn.Jacobian.testIO(linear, input) == (0, 0)


class WrongInput(nn.Linear):
    def updateGradInput(self, input, gradOutput):
        return super().updateGradInput(input, 2 * gradOutput)


class WrongWeight(nn.Linear):
    def accGradParameters(self, input, gradOutput, scale=None):
        super().accGradParameters(input, gradOutput, scale)
        self.gradWeight *= 1.5


class ForgetsScale(nn.Linear):
    def accGradParameters(self, input, gradOutput, scale=None):
        super().accGradParameters(input, gradOutput, 1)


def test_wrong_gradients_are_found(input):
    assert nn.Jacobian.testJacobian(WrongInput(3, 2), input) > 0.01
    wrong = WrongWeight(3, 2)
    assert nn.Jacobian.testJacobianParameters(wrong, input, wrong.weight, wrong.gradWeight) > 0.01
    forgetful = ForgetsScale(3, 2)
    assert nn.Jacobian.testJacobianUpdateParameters(forgetful, input, forgetful.weight) > 0.01
    errors = nn.Jacobian.testAllUpdate(ForgetsScale(3, 2), input, "weight", "gradWeight")
    assert errors["accGradParameters"] < 1e-12
    assert errors["accUpdateGradParameters"] > 0.01


def test_input_is_drawn_from_the_range(linear):
    input = np.empty((50, 3))
    torch.manualSeed(7)
    expected = torch.rand(50, 3) * 0.5 + 1
    torch.manualSeed(7)
    nn.Jacobian.testJacobian(linear, input, 1, 1.5)
    np.testing.assert_allclose(input, expected, rtol=1e-15)


def test_tensor_that_is_not_contiguous_is_refused(linear):
    with pytest.raises(ValueError, match="not contiguous"):
        nn.Jacobian.forward(linear, np.ones((3, 4)).T)


def test_the_battery_finds_what_is_wrong(input):
    from nn.testing import Case, check_module

    for cls, check in ((WrongInput, "input_gradient"), (WrongWeight, "parameter_gradients")):
        with pytest.raises(AssertionError) as info:
            check_module(Case(lambda cls=cls: cls(3, 2), (4, 3)))
        assert check in info.value.__notes__[-1]
    with pytest.raises(ValueError, match="no check is called"):
        check_module(Case(lambda: nn.Linear(3, 2), (4, 3), waive={"nonsense": "?"}))


class SparseSum(nn.Module):
    """``y = sum over rows (i, v) of w_i v``, for an n x 2 matrix of rows."""

    def __init__(self, size):
        super().__init__()
        self.weight, self.gradWeight = torch.randn(size), np.zeros(size)

    def updateOutput(self, input):
        self.output = np.array([(self.weight[input[:, 0].astype(int) - 1] * input[:, 1]).sum()])
        return self.output

    def updateGradInput(self, input, gradOutput):
        self.gradInput = np.stack([input[:, 0], self.weight[input[:, 0].astype(int) - 1] * gradOutput[0]], axis=1)
        return self.gradInput

    def accGradParameters(self, input, gradOutput, scale=1):
        np.add.at(self.gradWeight, input[:, 0].astype(int) - 1, scale * gradOutput[0] * input[:, 1])


@pytest.fixture
def rows():
    return np.array([[2.0, 0.3], [5.0, -1.2], [2.0, 0.7]])


def test_sparse_values_are_differentiated_and_indices_kept(rows):
    module = SparseSum(5)
    assert nn.SparseJacobian.forward(module, rows).shape == (3, 1)
    assert nn.SparseJacobian.testJacobian(module, rows) < 1e-8
    assert nn.SparseJacobian.testJacobianParameters(module, rows, module.weight, module.gradWeight) < 1e-8
    assert nn.SparseJacobian.testJacobianUpdateParameters(module, rows, module.weight) < 1e-8
    assert max(nn.SparseJacobian.testAllUpdate(module, rows, "weight", "gradWeight").values()) < 1e-12
    assert rows[:, 0].tolist() == [2, 5, 2]


def test_sparse_gradient_that_is_no_matrix_is_refused(rows):
    module = SparseSum(5)
    module.updateGradInput = lambda input, gradOutput: np.ones(3)
    with pytest.raises(ValueError, match="matrix of rows"):
        nn.SparseJacobian.testJacobian(module, rows)
    assert flat(rows).size == 6


def test_the_second_column_of_a_dense_input_is_measured():
    module, input = nn.Linear(3, 2), np.ones((1, 3))
    assert nn.SparseJacobian.testJacobian(module, input) < 1e-8
    assert input[0, 0] == input[0, 2] == 1 != input[0, 1]


def test_integers_get_the_whole_part_of_random_numbers():
    module, input = nn.LookupTable(4, 2), np.zeros((2, 5), np.int64)
    torch.manualSeed(3)
    assert nn.Jacobian.testJacobianParameters(module, input, module.weight, module.gradWeight, 1, 5) < 1e-8
    torch.manualSeed(3)
    assert input.tolist() == np.floor(torch.rand(2, 5) * 4 + 1).tolist()


def test_tools_are_not_collected_as_tests():
    assert nn.Jacobian.testJacobian.__test__ is False
    assert nn.SparseJacobian.testIO.__test__ is False
