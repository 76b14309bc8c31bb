from __future__ import annotations

from typing import Any

import nn
from torch7 import arrays, registry

from .content_loss import ContentLoss
from .deep_dream_loss import DeepDreamLoss
from .layer_strings import losses, trim_network
from .style_loss import StyleLoss

GROUPS = {"content": "content_loss_layers", "style": "style_loss_layers"}


@nn.register
class PerceptualCriterion(nn.Criterion):
    """How pictures differ for a network: the losses of its layers beside a content and a style.

    Options, a dict or keywords: ``cnn``, a Sequential, which is changed: losses go behind its layers, those behind the
    last loss go; ``content_layers`` and ``content_weights``, ``style_layers`` and ``style_weights``,
    ``deepdream_layers`` and ``deepdream_weights``, lists of strings such as ``'4'`` or ``'3-2'`` and of numbers;
    ``agg_type`` (``'gram'`` or ``'mean'``), ``loss_type`` (``'L2'`` or ``'SmoothL1'``).

    Input: pictures ``N x 3 x H x W``; target: a dict with ``content_target`` and ``style_target``, pictures, either of
    which may lack: ``setContentTarget`` and ``setStyleTarget`` give one that stays. The loss is the sum of all;
    ``content_losses`` and ``style_losses`` list them. Source: fast-neural-style; Johnson et al. (2016).
    """

    content_loss_layers: list = []
    style_loss_layers: list = []

    def __init__(self, args: dict[str, Any] | None = None, **settings: Any) -> None:
        super().__init__()
        args = {**(args or {}), **settings}
        if not isinstance(args.get("cnn"), nn.Container):
            raise TypeError("nn.PerceptualCriterion: cnn, a network, is needed")
        self.net, kind, agg = args["cnn"].evaluate(), args.get("loss_type"), args.get("agg_type")
        given = {name: (args.get(f"{name}_layers"), args.get(f"{name}_weights")) for name in (*GROUPS, "deepdream")}
        made = losses(self.net, ContentLoss, *given["content"], lambda w: ContentLoss(w, kind))
        self.content_loss_layers = made
        self.style_loss_layers = losses(self.net, StyleLoss, *given["style"], lambda w: StyleLoss(w, kind, agg))
        self.deepdream_loss_layers = losses(self.net, DeepDreamLoss, *given["deepdream"], DeepDreamLoss)
        trim_network(self.net)
        self.net.type(arrays.type_name(self.gradInput))
        self.grad_net_output = arrays.empty()

    def setStyleTarget(self, target: Any) -> None:
        """Keep what the layers say of a picture, ``1 x 3 x H x W``, as the style."""
        self._capture("style", target)

    def setContentTarget(self, target: Any) -> None:
        """Keep what the layers say of pictures, ``N x 3 x H x W``, as the content."""
        self._capture("content", target)

    def setStyleWeight(self, weight: float) -> None:
        """Set the strength of all losses of style."""
        for layer in self.style_loss_layers:
            layer.strength = weight

    def setContentWeight(self, weight: float) -> None:
        """Set the strength of all losses of content."""
        for layer in self.content_loss_layers:
            layer.strength = weight

    def forward(self, input: Any, target: Any = None) -> float:
        return super().forward(input, target)

    def backward(self, input: Any, target: Any = None) -> Any:
        return super().backward(input, target)

    def updateOutput(self, input: Any, target: Any = None) -> float:
        target = target or {}
        for name in GROUPS:
            if target.get(f"{name}_target") is not None:
                self._capture(name, target[f"{name}_target"])
        self._setModes(content="loss", style="loss")
        output = self.net.forward(input)
        self.grad_net_output = arrays.resized(self.grad_net_output, output.shape, output)
        self.grad_net_output.fill(0)
        for name, field in GROUPS.items():
            values = [layer.loss for layer in getattr(self, field)]
            setattr(self, f"{name}_losses", values)
            setattr(self, f"total_{name}_loss", sum(values))
        self.output = float(self.total_style_loss + self.total_content_loss)
        return self.output

    def updateGradInput(self, input: Any, target: Any = None) -> Any:
        if self.grad_net_output is None or self.grad_net_output.size == 0:
            raise ValueError(f"{registry.class_name(type(self))}: call forward before backward")
        self.gradInput = self.net.updateGradInput(input, self.grad_net_output)
        return self.gradInput

    def _capture(self, group: str, target: Any) -> None:
        other = "style" if group == "content" else "content"
        self._setModes(**{group: "capture", other: "none"})
        self.net.forward(target)

    def _setModes(self, **modes: str) -> None:
        for group, mode in modes.items():
            for layer in getattr(self, GROUPS[group]):
                layer.setMode(mode)
