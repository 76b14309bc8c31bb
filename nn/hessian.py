"""``nn.hessian``: a diagonal approximation of the Hessian, propagated back like the gradient.

``nn.hessian.enable()`` gives modules ``updateDiagHessianInput(input, diagHessianOutput)``,
``accDiagHessianParameters(input, diagHessianOutput)`` and ``initDiagHessianParameters()``, and criterions
``updateDiagHessianInput(input, target)``. Every derivative of the gradient's formulas is squared, second derivatives of
a module are left out. ``parameters()`` then returns a third list, of ``diagHessianWeight`` and ``diagHessianBias``.

A module of one's own takes part by defining these methods.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from torch7 import arrays, registry

from .criterion_base import Criterion
from .extension import extends
from .module import Module


def enable() -> None:
    """Add the methods to Module and Criterion; a second call does nothing."""
    for target, methods in ((Module, ModuleMethods), (Criterion, CriterionMethods)):
        for method in vars(methods).values():
            if callable(method):
                extends(target)(method)
    Module._hasDiagHessian = True


class ModuleMethods:
    """What every module gets."""

    def updateDiagHessianInput(self: Any, input: Any, diagHessianOutput: Any) -> Any:
        """Compute ``diagHessianInput``: diagHessianOutput times the squared derivative with respect to the input."""
        rule = found(self, INPUT_RULES)
        if rule is None:
            raise NotImplementedError(f"{registry.class_name(type(self))}:updateDiagHessianInput() is undefined")
        self.diagHessianInput = rule(self, input, diagHessianOutput)
        return self.diagHessianInput

    def accDiagHessianParameters(self: Any, input: Any, diagHessianOutput: Any) -> None:
        """Add to ``diagHessianWeight`` and ``diagHessianBias``."""
        if is_one_of(self, "nn.Sequential"):
            each_backwards(self, "accDiagHessianParameters", input, diagHessianOutput)
        elif is_one_of(self, *LINEAR):
            accumulate_linear(self, input, diagHessianOutput)

    def initDiagHessianParameters(self: Any) -> None:
        """Make ``diagHessianWeight`` and ``diagHessianBias``, filled with zeros, where there are none."""
        if is_one_of(self, "nn.Sequential"):
            self.applyToModules(lambda m: m.initDiagHessianParameters())
        elif is_one_of(self, *LINEAR):
            for name, grad in (("diagHessianWeight", self.gradWeight), ("diagHessianBias", self.gradBias)):
                if grad is not None and getattr(self, name, None) is None:
                    setattr(self, name, arrays.array_module(grad).zeros_like(grad))


class CriterionMethods:
    """What every criterion gets."""

    def updateDiagHessianInput(self: Any, input: Any, target: Any) -> Any:
        """Compute ``diagHessianInput``, the second derivative of the loss with respect to the input."""
        rule = found(self, CRITERION_RULES)
        if rule is None:
            raise NotImplementedError(f"{registry.class_name(type(self))}:updateDiagHessianInput() is undefined")
        self.diagHessianInput = rule(self, input, buffer(self, input))
        return self.diagHessianInput


def found(obj: Any, rules: dict[str, Any]) -> Any:
    """The rule of the class of ``obj`` or of its nearest parent that has one."""
    names = map(registry.class_name, type(obj).__mro__)
    return next((rules[name] for name in names if name in rules), None)


def is_one_of(obj: Any, *names: str) -> bool:
    """Whether the class of ``obj`` or a parent has one of these names."""
    return found(obj, dict.fromkeys(names, True)) is not None


def buffer(obj: Any, like: Any) -> Any:
    """``diagHessianInput`` in the shape of ``like``."""
    return arrays.resized(vars(obj).get("diagHessianInput"), like.shape, like)


# -- linear modules: the formulas of the gradient, with squared weights and squared input


def linear(module: Any, input: Any, diagHessianOutput: Any) -> Any:
    weight, gradInput = module.weight, module.gradInput
    module.weightSq = arrays.resized(vars(module).get("weightSq"), weight.shape, weight)
    arrays.array_module(weight).multiply(weight, weight, out=module.weightSq)
    module.weight, module.gradInput = module.weightSq, buffer(module, input)
    try:
        return module.updateGradInput(input, diagHessianOutput)
    finally:
        module.weight, module.gradInput = weight, gradInput


def accumulate_linear(module: Any, input: Any, diagHessianOutput: Any) -> None:
    module.initDiagHessianParameters()
    grads = module.gradWeight, module.gradBias
    module.gradWeight, module.gradBias = module.diagHessianWeight, getattr(module, "diagHessianBias", None)
    try:
        module.accGradParameters(input * input, diagHessianOutput, 1)
    finally:
        module.gradWeight, module.gradBias = grads


# -- functions of each element: (dy/dx)^2 * diagHessianOutput


def pointwise(derivative: Callable[[Any, Any], Any]) -> Callable:
    """The rule for a module whose derivative is ``derivative(module, input)``."""

    def rule(module: Any, input: Any, diagHessianOutput: Any) -> Any:
        slope = derivative(module, input)
        result = buffer(module, input)
        xp = arrays.array_module(input)
        xp.multiply(slope, slope, out=result)
        return xp.multiply(result, diagHessianOutput.reshape(input.shape), out=result)

    return rule


def tanh_shrink(module: Any, input: Any, diagHessianOutput: Any) -> Any:
    result = module.tanh.updateDiagHessianInput(input, diagHessianOutput)
    result += diagHessianOutput.reshape(result.shape)
    return result


def reshape(module: Any, input: Any, diagHessianOutput: Any) -> Any:
    return diagHessianOutput.reshape(input.shape)


# -- Sequential


def sequential(net: Any, input: Any, diagHessianOutput: Any) -> Any:
    return each_backwards(net, "updateDiagHessianInput", input, diagHessianOutput)


def each_backwards(net: Any, method: str, input: Any, diagHessianOutput: Any) -> Any:
    """Call ``method`` of every module from the last to the first, each with the diagonal Hessian of its output."""
    inputs = [input, *(m.output for m in net.modules[:-1])]
    for module, x in zip(reversed(net.modules), reversed(inputs)):
        getattr(module, method)(x, diagHessianOutput)
        diagHessianOutput = module.diagHessianInput
    return diagHessianOutput


# -- criterions


def squared_error(criterion: Any, input: Any, result: Any) -> Any:
    result.fill(2 / input.size if criterion.sizeAverage else 2)
    return result


def absolute_value(criterion: Any, input: Any, result: Any) -> Any:
    return arrays.array_module(input).not_equal(input, 0, out=result)


LINEAR = (
    "nn.Linear",
    "nn.SpatialConvolution",
    "nn.SpatialConvolutionLocal",
    "nn.SpatialFullConvolution",
    "nn.SpatialConvolutionMap",
    "nn.SpatialFullConvolutionMap",
)
INPUT_RULES: dict[str, Callable] = {
    **dict.fromkeys(LINEAR, linear),
    "nn.Tanh": pointwise(lambda module, input: 1 - module.output * module.output),
    "nn.Square": pointwise(lambda module, input: 2 * input),
    "nn.Sqrt": pointwise(lambda module, input: 0.5 / module.output),
    "nn.TanhShrink": tanh_shrink,
    "nn.Reshape": reshape,
    "nn.Sequential": sequential,
}
CRITERION_RULES: dict[str, Callable] = {
    "nn.MSECriterion": squared_error,
    "nn.WeightedMSECriterion": squared_error,
    "nn.L1Cost": absolute_value,
}
