from __future__ import annotations

from typing import Any

import numpy as np

import nn
from nnx.parts import Parts
from torch7 import arrays
from torch7.random import normal

from .anchors import MakeAnchors, ReshapeBoxFeatures
from .boxes import clipped, corners, suppressed
from .criterions import LIMIT, OurCrossEntropyCriterion
from .roi_pooling import BilinearRoiPooling
from .sampling import BoxSamplerHelper
from .small import RegularizeLayer
from .transforms import ApplyBoxTransform, InvertBoxTransform

#: Widths and heights, in pixels, of the boxes at every place.
ANCHORS = [(45, 90), (90, 45), (64, 64), (90, 180), (180, 90), (128, 128)]
ANCHORS += [(181, 362), (362, 181), (256, 256), (362, 724), (724, 362), (512, 512)]
DEFAULTS = {"backend": "nn", "rpn_filter_size": 3, "rpn_num_filters": 256, "zero_box_conv": True, "std": 0.01}
DEFAULTS |= {"anchor_scale": 1.0, "sampler_batch_size": 256, "sampler_high_thresh": 0.7, "sampler_low_thresh": 0.5}
DEFAULTS |= {"train_remove_outbounds_boxes": 1, "box_reg_decay": 0}
NEEDED = "input_dim", "output_height", "output_width", "field_centers", "mid_box_reg_weight", "mid_objectness_weight"
PASSING = ("rpn_out", "rpn_boxes", "rpn_anchors", "rpn_trans", "rpn_scores", "pos_data", "pos_boxes", "pos_anchors")
PASSING += ("pos_trans", "pos_scores", "pos_target_data", "pos_target_boxes", "pos_target_labels", "neg_data")
PASSING += ("neg_boxes", "neg_scores", "roi_features", "roi_boxes", "pos_trans_targets", "pos_labels", "neg_labels")


def with_defaults(name: str, opt: dict[str, Any] | None, needed: tuple[str, ...], **defaults: Any) -> dict[str, Any]:
    """The options of ``opt``, None counting as not given; ``TypeError`` names those that are needed and lack."""
    given = {k: v for k, v in (opt or {}).items() if v is not None}
    missing = [key for key in needed if key not in given]
    if missing:
        raise TypeError(f"{name}: options {', '.join(missing)} are needed")
    return {**defaults, **given}


@nn.register
class LocalizationLayer(Parts):
    """Proposes regions of an image and reads their features.

    A network of region proposals (``nets.rpn``) gives boxes, anchors, transforms and two scores each. In training a
    BoxSampler draws boxes beside the true ones, and the losses go to ``stats.losses``; in evaluation the best boxes
    that do not cover one another are kept: ``setTestArgs{clip_boxes=, nms_thresh=, max_proposals=}`` (True, 0.7, 300;
    -1: all). A BilinearRoiPooling reads their features.

    Input: features of one image, ``1 x C x H x W``; output ``{features of regions B x C x h x w, their boxes B x 4,
    true boxes P x 4, true labels P x L}``, positive regions first, the last two empty in evaluation. Before every
    forward ``setImageSize(height, width)``, in training ``setGroundTruth(boxes 1 x M x 4, labels 1 x M x L)`` too.
    Backward adds the gradients of the losses. ``ValueError`` where a call lacks and for other shapes. Options:
    ``input_dim``, ``output_height``, ``output_width``, ``field_centers`` (x0, y0, sx, sy), ``mid_box_reg_weight``,
    ``mid_objectness_weight`` and, with defaults, those of ``DEFAULTS``. Source: densecap; Johnson et al. (2016).
    """

    PARTS = ("nets",)
    _transient = ("_pending",)
    image_height = image_width = gt_boxes = gt_labels = None
    test_clip_boxes, test_nms_thresh, test_max_proposals = True, 0.7, 300

    def __init__(self, opt: dict[str, Any] | None = None, **settings: Any) -> None:
        super().__init__()
        self.opt = opt = with_defaults("nn.LocalizationLayer", {**(opt or {}), **settings}, NEEDED, **DEFAULTS)
        thresholds = {"low_thresh": opt["sampler_low_thresh"], "high_thresh": opt["sampler_high_thresh"]}
        self.nets = {
            "rpn": build_rpn(opt),
            "box_sampler_helper": BoxSamplerHelper(batch_size=opt["sampler_batch_size"], **thresholds),
            "roi_pooling": BilinearRoiPooling(opt["output_height"], opt["output_width"]),
            "invert_box_transform": InvertBoxTransform(),
            "obj_crit_pos": OurCrossEntropyCriterion(),
            "obj_crit_neg": OurCrossEntropyCriterion(),
            "box_reg_crit": nn.SmoothL1Criterion(),
        }
        self.timing, self.dump_vars = False, False
        self.reset_stats()
        self.setTestArgs()
        self.training()

    def parameters(self) -> tuple[list, ...]:
        return self.nets["rpn"].parameters()

    def setImageSize(self, image_height: int, image_width: int) -> None:
        """Set the size of the image that the features are of, in pixels."""
        self.image_height, self.image_width = image_height, image_width

    def setGroundTruth(self, gt_boxes: Any, gt_labels: Any) -> None:
        """Set the true boxes, ``1 x M x 4``, rows (xc, yc, w, h), and their labels, ``1 x M x L``."""
        self.gt_boxes, self.gt_labels = gt_boxes, gt_labels

    def setTestArgs(self, args: dict[str, Any] | None = None, **settings: Any) -> None:
        """What evaluation does with the boxes: ``clip_boxes``, ``nms_thresh``, ``max_proposals``."""
        given = {"clip_boxes": True, "nms_thresh": 0.7, "max_proposals": 300, **(args or {}), **settings}
        self.test_clip_boxes, self.test_nms_thresh = given["clip_boxes"], given["nms_thresh"]
        self.test_max_proposals = given["max_proposals"]

    def reset_stats(self) -> None:
        """Forget losses, times and variables."""
        self.stats = {"losses": {}, "times": {}, "vars": {}}

    def updateOutput(self, input: Any) -> list:
        self.checkType(input)
        if input.ndim != 4 or len(input) != 1:
            raise ValueError(f"{self}: features must be 1 x C x H x W, got {arrays.describe(input)}")
        if self.image_height is None or self.image_width is None:
            raise ValueError(f"{self}: call setImageSize before forward")
        out = self.nets["rpn"].updateOutput(input)
        self.output = self._propose(input, out) if self.train is False else self._learn(input, out)
        return self.output

    # -- evaluation

    def _propose(self, input: Any, out: list) -> list:
        boxes, anchors, trans, scores = (x[0] for x in out)
        if self.test_clip_boxes:
            boxes, inside = clipped(boxes, self.image_width, self.image_height)
            boxes, anchors, trans, scores = (x[inside] for x in (boxes, anchors, trans, scores))
        e = np.exp(scores)
        objectness = e[:, 0] / (e[:, 0] + e[:, 1])
        most = None if self.test_max_proposals == -1 else self.test_max_proposals
        best = suppressed(corners(boxes), objectness, self.test_nms_thresh, most)
        boxes = boxes[best].astype(self._dtype)
        if self.dump_vars:
            names = "test_rpn_boxes_nms", "test_rpn_anchors_nms", "test_rpn_scores_nms"
            self.stats["vars"] |= dict(zip(names, (boxes, anchors[best], objectness[best])))
        nothing = arrays.empty(self._type)
        return [self._features(input, boxes), boxes, nothing, nothing]

    def _features(self, input: Any, boxes: Any) -> Any:
        pooling = self.nets["roi_pooling"]
        pooling.setImageSize(self.image_height, self.image_width)
        return pooling.updateOutput([input[0], boxes])

    # -- training

    def _learn(self, input: Any, out: list) -> list:
        truth = self._truth()
        self.reset_stats()
        nets = self.nets
        self.rpn_out = out
        self.rpn_boxes, self.rpn_anchors, self.rpn_trans, self.rpn_scores = out
        if self.opt.get("train_remove_outbounds_boxes") == 1:
            bounds = {"x_min": 1, "y_min": 1, "x_max": self.image_width, "y_max": self.image_height}
            nets["box_sampler_helper"].setBounds(bounds)
        self.pos_data, self.pos_target_data, self.neg_data = nets["box_sampler_helper"].updateOutput([out, truth])
        self.pos_boxes, self.pos_anchors, self.pos_trans, self.pos_scores = self.pos_data
        self.pos_target_boxes, self.pos_target_labels = self.pos_target_data
        self.neg_boxes, self.neg_scores = self.neg_data[0], self.neg_data[3]
        self.roi_boxes = np.concatenate([self.pos_boxes, self.neg_boxes])
        self.roi_features = self._features(input, self.roi_boxes)
        self._losses()
        return [self.roi_features, self.roi_boxes, self.pos_target_boxes, self.pos_target_labels]

    def _truth(self) -> list:
        boxes, labels = self.gt_boxes, self.gt_labels
        if boxes is None or labels is None:
            raise ValueError(f"{self}: call setGroundTruth before a forward in training")
        fits = arrays.is_array(boxes) and boxes.ndim == 3 and boxes.shape[::2] == (1, 4) and arrays.is_array(labels)
        if not fits or labels.ndim != 3 or labels.shape[:2] != boxes.shape[:2]:
            raise ValueError(f"{self}: boxes must be 1 x M x 4, labels 1 x M x L: {arrays.describe([boxes, labels])}")
        return [boxes, labels]

    def _losses(self) -> None:
        nets, losses, weight = self.nets, self.stats["losses"], self.opt["mid_objectness_weight"]
        self.pos_labels = np.ones(len(self.pos_scores), np.int64)
        self.neg_labels = np.full(len(self.neg_scores), 2, np.int64)
        losses["obj_loss_pos"] = weight * nets["obj_crit_pos"].forward(self.pos_scores, self.pos_labels)
        losses["obj_loss_neg"] = weight * nets["obj_crit_neg"].forward(self.neg_scores, self.neg_labels)
        wanted = nets["invert_box_transform"].updateOutput([self.pos_anchors, self.pos_target_boxes])
        far = ~(abs(wanted).max(1) <= LIMIT)
        wanted[far], self.pos_trans[far] = 0, 0
        self.pos_trans_targets = wanted
        losses["box_reg_loss"] = self.opt["mid_box_reg_weight"] * nets["box_reg_crit"].forward(self.pos_trans, wanted)
        decays = nets["rpn"].findModules("nn.RegularizeLayer")[0]
        losses["box_decay_loss"] = sum(layer.loss for layer in decays)
        losses["total_loss"] = sum(losses.values())

    def updateGradInput(self, input: Any, gradOutput: Any) -> Any:
        self._pending = gradients = self._proposals(input, gradOutput)
        by_regions, by_proposals = gradients
        through = self.nets["rpn"].updateGradInput(input, by_proposals)
        self.gradInput = self.resized(self.gradInput, input.shape, input, through)
        return arrays.array_module(input).add(through, by_regions.reshape(input.shape), out=self.gradInput)

    def accGradParameters(self, input: Any, gradOutput: Any, scale: float | None = None) -> None:
        if vars(self).get("_pending") is None:
            raise ValueError(f"{self}: call updateGradInput before")
        self.nets["rpn"].accGradParameters(input, self._pending[1], scale)

    def accUpdateGradParameters(self, input: Any, gradOutput: Any, lr: float) -> None:
        self.sharedAccUpdateGradParameters(input, gradOutput, lr)

    def _proposals(self, input: Any, gradOutput: Any) -> tuple[Any, list]:
        """The gradients by the features that regions were read of, and by what ``rpn`` put out."""
        nets = self.nets
        if self.train is False or vars(self).get("pos_trans_targets") is None:
            raise ValueError(f"{self}: backward needs a forward in training")
        of_trans = nets["box_reg_crit"].backward(self.pos_trans, self.pos_trans_targets)
        of_trans *= self.opt["mid_box_reg_weight"]
        of_scores = []
        for name in ("pos", "neg"):
            g = nets[f"obj_crit_{name}"].backward(getattr(self, f"{name}_scores"), getattr(self, f"{name}_labels"))
            g *= self.opt["mid_objectness_weight"]
            of_scores.append(g)
        features, boxes = nets["roi_pooling"].updateGradInput([input[0], self.roi_boxes], gradOutput[0])
        boxes = boxes + gradOutput[1]
        P = len(self.pos_boxes)
        rows = [boxes[:P], None, of_trans, of_scores[0]], [boxes[P:], None, None, of_scores[1]]
        helper = nets["box_sampler_helper"]
        return features, helper.updateGradInput([self.rpn_out, [self.gt_boxes, self.gt_labels]], list(rows))

    def clearState(self) -> LocalizationLayer:
        for name in (*PASSING, "_pending", "timer"):
            vars(self).pop(name, None)
        return super().clearState()


def build_rpn(opt: dict[str, Any]) -> nn.Sequential:
    """The network of region proposals: features -> ``{boxes, anchors, transforms, scores}``, ``1 x kHW x 4`` or 2."""
    sizes = opt.get("anchors")
    sizes = np.array(ANCHORS, np.float64).T * opt["anchor_scale"] if sizes is None else sizes
    k, size, planes = sizes.shape[1], opt["rpn_filter_size"], opt["rpn_num_filters"]
    std, none = opt["std"], 0
    first = convolution(opt["input_dim"], planes, size, std)
    boxes = nn.Sequential().add(convolution(planes, 4 * k, 1, none if opt["zero_box_conv"] else std))
    anchors = nn.Sequential().add(MakeAnchors(*opt["field_centers"], sizes)).add(ReshapeBoxFeatures(k))
    boxes.add(RegularizeLayer(opt["box_reg_decay"]))
    boxes.add(nn.ConcatTable().add(anchors).add(ReshapeBoxFeatures(k)))
    boxes.add(nn.ConcatTable().add(ApplyBoxTransform()).add(nn.Identity()))
    scores = nn.Sequential().add(convolution(planes, 2 * k, 1, std)).add(ReshapeBoxFeatures(k))
    both = nn.ConcatTable().add(boxes).add(scores)
    return nn.Sequential().add(first).add(nn.ReLU(True)).add(both).add(nn.FlattenTable())


def convolution(planes: int, out: int, size: int, std: float) -> nn.SpatialConvolution:
    """A convolution that keeps the size, its weight drawn from N(0, std), or zero."""
    layer = nn.SpatialConvolution(planes, out, size, size, 1, 1, size // 2, size // 2)
    if std:
        normal(layer.weight, 0, std)
    else:
        layer.weight.fill(0)
    layer.bias.fill(0)
    return layer
