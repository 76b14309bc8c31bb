from __future__ import annotations

from typing import Any

import numpy as np

import nn
import nngraph  # noqa: F401
from nnx.named import named
from nnx.parts import Net
from torch7 import arrays, registry
from torch7.random import normal

from .boxes import corners, suppressed
from .criterions import BoxRegressionCriterion, LogisticCriterion
from .language_model import LanguageModel
from .localization_layer import LocalizationLayer, with_defaults
from .small import PosSlicer
from .transforms import ApplyBoxTransform

NEEDED = "cnn", "vocab_size", "seq_length", "idx_to_token", "mid_box_reg_weight", "mid_objectness_weight"
NEEDED += "end_box_reg_weight", "end_objectness_weight", "captioning_weight"
#: Where VGG-16 is cut: what is never trained, what may be, and the layers for regions; numbers from 1, both included.
PARTS_OF_VGG = (1, 10), (11, 30), (32, 38)
VGG = {"input_dim": 512, "output_height": 7, "output_width": 7, "parts": PARTS_OF_VGG, "fc_dim": 4096}


@named("DenseCapModel")
class DenseCapModel(Net):
    """densecap's network: an image's regions, each with a caption.

    ``net`` is a convolutional network in two parts, a LocalizationLayer, and a graph that scores, moves and captions
    the regions. Input: an image, ``1 x 3 x H x W``; output, a table: scores ``B x 1``, boxes of positive regions, their
    transforms, final boxes ``P x 4``, scores of words, true boxes and true labels; in evaluation P is B, the fifth is
    ``B x seq_length`` words, and final boxes that cover one another are left out (``setTestArgs``).

    ``forward_test(image)`` gives final boxes, scores and captions, ``forward_backward(data)`` runs a step of training
    and returns its losses. Backward stops at the convolutional network, or behind its first part with ``finetune_cnn``.
    Options: those of the parts; ``cnn`` is the network whose layers are taken (VGG-16; ``parts``, ``fc_dim``,
    ``input_dim``, ``output_height`` and ``output_width`` describe another one). Source: densecap.
    """

    finetune_cnn = False

    def __init__(self, opt: dict[str, Any] | None = None, **settings: Any) -> None:
        super().__init__()
        defaults = {**VGG, "std": 0.01, "final_nms_thresh": 0.3, "rnn_encoding_size": 512, "rnn_size": 512}
        opt = with_defaults("DenseCapModel", {**(opt or {}), **settings}, NEEDED, **defaults)
        cnn = opt.pop("cnn")
        self.opt, self.finetune_cnn = opt, False
        first, second, regions = (subsequence(cnn, *ends) for ends in opt.pop("parts"))
        opt["field_centers"] = field_centers(first.modules + second.modules)
        self.nets = {"conv_net1": first, "conv_net2": second, "localization_layer": LocalizationLayer(opt)}
        self.nets |= {"recog_base": regions, "objectness_branch": nn.Linear(opt["fc_dim"], 1)}
        self.nets["box_reg_branch"] = nn.Linear(opt["fc_dim"], 4)
        for name, std in (("objectness_branch", opt["std"]), ("box_reg_branch", 0)):
            normal(self.nets[name].weight, 0, std) if std else self.nets[name].weight.fill(0)
            self.nets[name].bias.fill(0)
        words = {name: opt[name] for name in ("vocab_size", "rnn_size", "seq_length", "idx_to_token")}
        words |= {"input_encoding_size": opt["rnn_encoding_size"], "image_vector_dim": opt["fc_dim"]}
        self.nets["language_model"] = LanguageModel(words)
        self.nets["recog_net"] = self._recognition()
        self.net = nn.Sequential()
        for name in ("conv_net1", "conv_net2", "localization_layer", "recog_net"):
            self.net.add(self.nets[name])
        self.crits = {"objectness_crit": LogisticCriterion(), "lm_crit": nn.TemporalCrossEntropyCriterion()}
        self.crits["box_reg_crit"] = BoxRegressionCriterion(opt["end_box_reg_weight"])
        self.training()

    def _recognition(self) -> Any:
        """The graph of what is said of regions."""
        nets = self.nets
        features, boxes, gt_boxes, gt_labels = (nn.Identity()() for _ in range(4))
        codes = nets["recog_base"](features).annotate(name="recog_base")
        scores = nets["objectness_branch"](codes).annotate(name="objectness_branch")
        codes = PosSlicer()([codes, gt_labels]).annotate(name="code_slicer")
        kept = PosSlicer()([boxes, gt_boxes]).annotate(name="box_slicer")
        trans = nets["box_reg_branch"](codes).annotate(name="box_reg_branch")
        final = ApplyBoxTransform()([kept, trans])
        words = nets["language_model"]([codes, gt_labels])
        graph = nn.gModule(
            [features, boxes, gt_boxes, gt_labels], [scores, kept, trans, final, words, gt_boxes, gt_labels]
        )
        graph.name = "recognition_network"
        return graph

    def setTestArgs(self, kwargs: dict[str, Any] | None = None, **settings: Any) -> None:
        """``rpn_nms_thresh`` (0.7), ``num_proposals`` (1000; -1: all) and ``final_nms_thresh`` (0.3; 0: none)."""
        given = {"rpn_nms_thresh": 0.7, "num_proposals": 1000, "final_nms_thresh": 0.3, **(kwargs or {}), **settings}
        layer = self.nets["localization_layer"]
        layer.setTestArgs(nms_thresh=given["rpn_nms_thresh"], max_proposals=given["num_proposals"])
        self.opt["final_nms_thresh"] = given["final_nms_thresh"]

    def setGroundTruth(self, gt_boxes: Any, gt_labels: Any) -> None:
        """Set the true boxes, ``1 x M x 4``, and labels, ``1 x M x L``, of the next forward in training."""
        self.gt_boxes, self.gt_labels = gt_boxes, gt_labels
        self.nets["localization_layer"].setGroundTruth(gt_boxes, gt_labels)

    def updateOutput(self, input: Any) -> list:
        self.checkType(input)
        if input.ndim != 4 or input.shape[:2] != (1, 3):
            raise ValueError(f"{self}: input must be 1 x 3 x H x W, got {arrays.describe(input)}")
        self.nets["localization_layer"].setImageSize(*input.shape[2:])
        self.output = output = list(self.net.updateOutput(input))
        if self.train is False and self.opt["final_nms_thresh"] > 0:
            best = self._best(output)
            for i in (0, 3, 4):
                output[i] = output[i][best]
        return output

    def _best(self, output: list) -> Any:
        return suppressed(corners(output[3]), output[0][:, 0], self.opt["final_nms_thresh"])

    def extractFeatures(self, input: Any) -> tuple[Any, Any]:
        """Final boxes and the vectors of their regions."""
        self.nets["localization_layer"].setImageSize(*input.shape[2:])
        output = self.net.updateOutput(input)
        best = self._best(output)
        return output[3][best], self.nets["recog_base"].output[best]

    def forward_test(self, input: Any) -> tuple[Any, Any, list[str]]:
        """Final boxes, rows (xc, yc, w, h), their scores and captions."""
        self.evaluate()
        output = self.forward(input)
        return output[3], output[0], self.nets["language_model"].decodeSequence(output[4])

    def backward(self, input: Any, gradOutput: Any, scale: float | None = None) -> Any:
        gradient = gradOutput
        for i in (4, 3, 2) if self.finetune_cnn else (4, 3):
            gradient = self.net.get(i).backward(self.net.get(i - 1).output, gradient, scale)
        self.gradInput = gradient
        return gradient

    def forward_backward(self, data: dict[str, Any]) -> dict[str, float]:
        """A forward and a backward in training; ``data``: ``image``, ``gt_boxes``, ``gt_labels``. Returns the losses.

        Their sum is ``total_loss``.
        """
        self.training()
        self.setGroundTruth(data["gt_boxes"], data["gt_labels"])
        scores, kept, trans, final, words, gt_boxes, gt_labels = self.forward(data["image"])
        labels = np.zeros(len(scores), np.int64)
        labels[: len(kept)] = 1
        target = self.nets["language_model"].getTarget(gt_labels.astype(np.int64))
        crits, opt = self.crits, self.opt
        losses = {
            "end_objectness_loss": crits["objectness_crit"].forward(scores, labels) * opt["end_objectness_weight"]
        }
        losses["end_box_reg_loss"] = crits["box_reg_crit"].forward([kept, trans], gt_boxes)
        losses["captioning_loss"] = crits["lm_crit"].forward(words, target) * opt["captioning_weight"]
        by_kept, by_trans = crits["box_reg_crit"].backward([kept, trans], gt_boxes)
        by_scores = crits["objectness_crit"].backward(scores, labels) * opt["end_objectness_weight"]
        by_words = crits["lm_crit"].backward(words, target) * opt["captioning_weight"]
        nothing = [np.zeros(x.shape, self._dtype) for x in (final, gt_boxes, gt_labels)]
        gradients = [by_scores, by_kept, by_trans, nothing[0], by_words, *nothing[1:]]
        self.backward(data["image"], [g.astype(self._dtype, copy=False) for g in gradients])
        losses |= {k: v for k, v in self.nets["localization_layer"].stats["losses"].items() if k != "total_loss"}
        return losses | {"total_loss": sum(losses.values())}

    def getParameters(self) -> tuple[Any, ...]:
        """Four flat arrays: parameters and gradients of regions and captions, and those of ``conv_net2``."""
        rest = nn.Sequential().add(self.net.get(3)).add(self.net.get(4))
        cnn = self.net.get(2).getParameters()
        return *rest.getParameters(), *cnn

    def convert(self, dtype: str, use_cudnn: bool | None = None) -> DenseCapModel:
        """The model as ``dtype``; ``use_cudnn`` changes nothing."""
        return self.type(dtype)

    def clearState(self) -> DenseCapModel:
        for crit in self.crits.values():
            if hasattr(crit, "clearState"):
                crit.clearState()
        return super().clearState()


def subsequence(net: Any, first: int, last: int) -> nn.Sequential:
    """The layers of a Sequential from number ``first`` to ``last``, both included."""
    part = nn.Sequential()
    for i in range(first, last + 1):
        part.add(net.get(i))
    return part


def field_centers(layers: list) -> list[float]:
    """x0, y0, sx, sy: the centre, in pixels from 1, of what the first place sees, and the steps from place to place.

    ``ValueError`` for layers other than 2 x 2 poolings, convolutions that keep the size, and ReLUs.
    """
    start, step = 1.0, 1
    for layer in layers:
        if isinstance(layer, nn.SpatialMaxPooling) and (layer.kW, layer.kH, layer.dW, layer.dH) == (2, 2, 2, 2):
            start, step = start + step / 2, 2 * step
        elif isinstance(layer, nn.SpatialConvolution):
            if (layer.dW, layer.dH, layer.padW, layer.padH) != (1, 1, layer.kW // 2, layer.kH // 2):
                raise ValueError(f"DenseCapModel: cannot handle this convolution: {layer}")
        elif not isinstance(layer, nn.ReLU):
            raise ValueError(f"DenseCapModel: cannot handle a layer {layer}")
    return [start, start, step, step]


registry.alias("nn.DenseCapModel", "DenseCapModel")
