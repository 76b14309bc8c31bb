from __future__ import annotations

from typing import Any, Self

import nn
from torch7 import arrays, registry


@nn.register
class Reinforce(nn.Module):
    """Base of modules that sample and learn from a reward.

    Forward draws the output from a distribution that the input describes. ``reinforce(reward)``, called by a criterion
    such as :class:`nn.VRClassReward` between forward and backward, hands each sample its reward r. Backward ignores
    gradOutput: ``gradInput = -r * d ln f(output; input) / d input``, so that a step down the gradient raises
    the expected reward.

    ``stochastic``: sample in evaluation too, which otherwise puts out a mean. A subclass defines ``sample(input)``,
    ``mean(input)`` and ``score(input)``, which write to ``output``, ``output`` and ``gradInput``.
    Source: manual of dpnn; Williams (1992), Simple statistical gradient-following algorithms.
    """

    reward: Any = None

    def __init__(self, stochastic: bool | None = None) -> None:
        super().__init__()
        self.stochastic = stochastic

    def reinforce(self, reward: Any) -> None:
        """Keep the reward, one number for each sample, for the next backward."""
        self.reward = reward

    def samples(self) -> bool:
        """Whether forward samples."""
        return bool(self.stochastic) or self.train is not False

    def updateOutput(self, input: Any) -> Any:
        return self.sample(input) if self.samples() else self.mean(input)

    def rewardAs(self, input: Any) -> Any:
        """The reward in a shape that stretches to ``input``'s; ``ValueError`` where it does not fit."""
        reward, name = self.reward, registry.class_name(type(self))
        if not arrays.is_array(reward):
            raise ValueError(f"{name}: call reinforce(reward) before backward")
        if reward.ndim != 1:
            raise ValueError(f"{name}: the reward must be of one dimension, got {arrays.describe(reward)}")
        if reward.shape == input.shape:
            return reward
        if reward.size == input.shape[0]:
            return reward.reshape(-1, *[1] * (input.ndim - 1))
        if reward.size == 1:
            return reward
        raise ValueError(f"{name}: reward for {reward.size} samples, input is {arrays.describe(input)}")

    def rewarded(self, input: Any, score: Any) -> Any:
        """``score``, the derivative of the log density, times minus the reward, in place."""
        reward = self.rewardAs(input)
        score *= -reward.astype(score.dtype, copy=False)
        return score

    def likeOutput(self, x: Any, input: Any, what: str) -> Any:
        """A parameter of the distribution, a number or a tensor, in a shape that stretches to ``input``'s."""
        if not arrays.is_array(x) or x.shape in (input.shape, input.shape[1:]):
            return x
        raise ValueError(
            f"{registry.class_name(type(self))}: {what} is {arrays.describe(x)}, input {arrays.describe(input)}"
        )

    def pair(self, input: Any, parameter: Any, what: str) -> tuple[Any, Any]:
        """The first tensor of the input and the other parameter, which is the second one unless it was given."""
        if parameter is not None:
            self.checkType(input)
            return input, self.likeOutput(parameter, input, what)
        if not isinstance(input, list | tuple) or len(input) != 2:
            name = registry.class_name(type(self))
            raise TypeError(f"{name}: without a {what} the input is a table of two tensors: {arrays.describe(input)}")
        for x in input:
            self.checkType(x)
        if input[0].shape != input[1].shape:
            raise ValueError(f"{registry.class_name(type(self))}: the inputs do not fit: {arrays.describe(input)}")
        return input[0], input[1]

    def clearState(self) -> Self:
        nn.utils.clear(self, "reward")
        return super().clearState()
