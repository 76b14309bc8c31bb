"""densecap's and neuraltalk2's layers by their formulas, and their models: run, trained, saved."""

import cases_densecap
import numpy as np
import pytest

import nn
import nnx
import torch7 as torch
from nnx import densecap, neuraltalk2
from nnx.densecap.boxes import clipped, corners, suppressed

IMAGE = np.random.default_rng(1).standard_normal((1, 3, 48, 64))
TRUTH = np.array([[[20.0, 20, 18, 10], [40, 30, 9, 18]]])
LABELS = np.array([[[1.0, 2, 0], [3, 4, 5]]])


def model():
    torch.manualSeed(1)
    return cases_densecap.dense_cap()


def copied(value):
    return torch.deserialize(torch.serialize(value))


def test_boxes():
    assert corners(np.array([[10.0, 5, 5, 3]])).tolist() == [[8, 4, 12, 6]]
    cut, inside = clipped(np.array([[2.0, 5, 9, 3], [-20, 5, 9, 3]]), 12, 10)
    assert cut[0].tolist() == [3.5, 5, 5, 2] and inside.all()
    boxes = np.array([[1.0, 1, 10, 10], [1, 1, 10, 9], [20, 20, 30, 30], [1, 1, 3, 3]])
    assert suppressed(boxes, np.array([0.5, 0.9, 0.1, 0.2]), 0.7).tolist() == [1, 3, 2]
    assert suppressed(boxes, np.array([0.5, 0.9, 0.1, 0.2]), 0.7, 2).tolist() == [1, 3]


def test_anchors_and_transforms_are_make_boxes():
    sizes, trans = np.abs(torch.randn(2, 3)), torch.randn(2, 12, 3, 5)
    both = nn.ConcatTable().add(nn.Sequential().add(nn.MakeAnchors(1, 2, 3, 4, sizes)).add(nn.ReshapeBoxFeatures(3)))
    net = nn.Sequential().add(both.add(nn.ReshapeBoxFeatures(3))).add(nn.ApplyBoxTransform())
    boxes = nn.MakeBoxes(1, 2, 3, 4, sizes).forward(trans)
    assert np.allclose(net.forward(trans), boxes)
    still = nn.MakeBoxes(1.5, 2.5, 1, 2, np.array([[10.0], [20]])).forward(np.zeros((1, 4, 2, 3)))
    assert still[0, :2].tolist() == [[1.5, 2.5, 10, 20], [2.5, 2.5, 10, 20]] and still[0, 3, 1] == 4.5


def test_a_box_is_what_the_grid_looks_at():
    affine = nn.BoxToAffine().setSize(20, 30).forward(np.array([[15.5, 10.5, 30, 20], [10, 12, 4, 5]]))
    assert affine[0].tolist() == [[1, 0, 0], [0, 1, 0]]
    assert np.allclose(affine[1], [[1 / 4, 0, 3 / 19], [0, 2 / 15, -11 / 29]])
    with pytest.raises(ValueError, match="setSize"):
        nn.BoxToAffine().forward(np.ones((1, 4)))


def test_how_far_boxes_cover_one_another():
    a, b = np.array([[[10.0, 10, 11, 11], [50, 50, 3, 3]]]), np.array([[[15.0, 15, 11, 11]]])
    assert np.allclose(nn.BoxIoU().forward([a, b])[0], [[25 / (121 + 121 - 25)], [0]])


def test_boxes_are_drawn_by_what_they_cover():
    boxes = np.array([[[10.0, 10, 10, 10], [11, 10, 10, 10], [30, 30, 9, 9], [40, 12, 6, 6], [10, 30, 5, 5]]])
    sampler = nn.BoxSampler(batch_size=4, low_thresh=0.2, high_thresh=0.95)
    positive, target, negative = sampler.forward([boxes, np.array([[[11.0, 10, 10, 10]]])])
    assert positive.tolist() == [2] and target.tolist() == [1]
    assert len(negative) == 3 and set(negative) == {3, 4, 5}
    sampler.setBounds({"x_min": 1, "x_max": 35, "y_min": 1, "y_max": 33})
    _, _, negative = sampler.forward([boxes, np.array([[[11.0, 10, 10, 10]]])])
    assert set(negative) == {5}
    helper = nn.BoxSamplerHelper(box_sampler=sampler)
    rows = torch.randn(1, 5, 3)
    chosen = helper.forward([[boxes, rows], [np.array([[[11.0, 10, 10, 10]]]), np.array([[[7.0]]])]])
    assert np.array_equal(chosen[0][1], rows[0, [1]]) and chosen[1][1].tolist() == [[7]]
    gradient = helper.backward([[boxes, rows], [boxes[:, :1]]], [[None, np.ones((1, 3))], {2: np.full((3, 3), 2.0)}])
    assert gradient[0].sum() == 0 and gradient[1][0, 1].tolist() == [1, 1, 1] and gradient[1][0, 4].tolist() == [2] * 3


def test_a_step_of_training_makes_the_loss_less():
    net, losses = model(), []
    net.finetune_cnn = True
    parameters, gradients, cnn, cnn_gradients = net.getParameters()
    data = {"image": IMAGE, "gt_boxes": TRUTH, "gt_labels": LABELS}
    for _ in range(8):
        gradients.fill(0)
        cnn_gradients.fill(0)
        losses.append(net.forward_backward(data)["total_loss"])
        assert abs(cnn_gradients).max() > 0
        parameters -= 0.1 * gradients
        cnn -= 0.1 * cnn_gradients
    assert losses[-1] < losses[0]


def test_regions_with_captions_from_a_file():
    net = model()
    net.setTestArgs(num_proposals=40)
    boxes, scores, captions = net.forward_test(IMAGE)
    features = net.extractFeatures(IMAGE)
    assert len(boxes) == len(scores) == len(captions) and features[1].shape == (len(boxes), 6)
    net.clearState()
    loaded = copied({"model": net, "opt": {}, "iter": 3.0})["model"]
    assert type(loaded) is densecap.DenseCapModel and repr(loaded) == "DenseCapModel"
    again, _, words = loaded.forward_test(IMAGE)
    assert np.array_equal(again, boxes) and words == captions
    single = loaded.float()
    single.setTestArgs(num_proposals=40)
    near, _, _ = single.forward_test(IMAGE.astype(np.float32))
    assert near.dtype == np.float32
    single.setGroundTruth(TRUTH.astype(np.float32), LABELS.astype(np.float32))
    assert single.training().forward(IMAGE.astype(np.float32))[0].shape == (16, 1)


def test_gradients_of_proposed_regions():
    """The gradient of losses and of a sum of what comes out, by finite differences of the features."""
    layer = model().nets["localization_layer"].training()
    layer.nets["rpn"].get(3).get(1).get(1).weight[...] = 0.05 * torch.randn(48, 6, 1, 1)
    features = np.random.default_rng(2).standard_normal((1, 5, 12, 16))
    layer.setImageSize(48, 64)
    layer.setGroundTruth(TRUTH, LABELS)
    sampler = layer.nets["box_sampler_helper"].box_sampler

    def loss(x):
        torch.manualSeed(5)
        out = layer.forward(x)
        return layer.stats["losses"]["total_loss"] + out[0].sum() + 0.1 * out[1].sum()

    sampler.high_thresh = 0.3
    loss(features)
    out = layer.output
    gradOutput = [np.ones_like(out[0]), np.full_like(out[1], 0.1), np.zeros_like(out[2]), np.zeros_like(out[3])]
    layer.zeroGradParameters()
    loss(features)
    gradient = layer.backward(features, gradOutput).copy()
    for place in [(0, 1, 4, 5), (0, 3, 7, 2), (0, 0, 11, 15)]:
        moved = [features.copy(), features.copy()]
        moved[0][place] += 1e-6
        moved[1][place] -= 1e-6
        assert gradient[place] == pytest.approx((loss(moved[0]) - loss(moved[1])) / 2e-6, rel=1e-4, abs=1e-6)


def test_what_lacks_is_said():
    layer = model().nets["localization_layer"]
    layer.image_height = None
    with pytest.raises(ValueError, match="setImageSize"):
        layer.forward(np.zeros((1, 5, 4, 4)))
    layer.setImageSize(16, 16)
    with pytest.raises(ValueError, match="setGroundTruth"):
        layer.training().forward(np.zeros((1, 5, 4, 4)))
    with pytest.raises(TypeError, match="field_centers"):
        nn.LocalizationLayer(input_dim=3)
    with pytest.raises(TypeError, match="captioning_weight"):
        densecap.DenseCapModel(vocab_size=2)


def test_targets_of_captions():
    captions = cases_densecap.regions_captions()
    target = captions.getTarget(np.array([[1, 2, 0], [3, 4, 5]]))
    assert target.tolist() == [[0, 1, 2, 6, 0], [0, 3, 4, 5, 6]]
    assert captions.decodeSequence(np.array([[1, 2, 6], [3, 3, 3]])) == ["a b", "c c c"]
    words = captions.evaluate().forward([cases_densecap.CODES, np.empty(0)])
    assert words.shape == (3, 3) and words.dtype == np.int64
    with pytest.raises(ValueError, match="there is none through sampling"):
        captions.backward([cases_densecap.CODES, np.empty(0)], words)


# neuraltalk2


def test_neuraltalk2_learns_a_caption_and_says_it():
    torch.manualSeed(2)
    net, criterion = cases_densecap.captions(rnn_size=12, seq_length=4), nn.LanguageModelCriterion()
    parameters, gradients = net.getParameters()
    words = np.array([[1, 2], [3, 5], [4, 0], [0, 0]])
    codes = np.array([[1.0, 0, 0, 1], [0, 1, 1, 0]])
    for _ in range(150):
        gradients.fill(0)
        criterion.forward(net.forward([codes, words]), words)
        net.backward([codes, words], criterion.backward(net.output, words))
        parameters -= 1.0 * gradients
    net.evaluate()
    assert criterion.output < 0.05
    seq, logps = net.sample(codes)
    assert seq[:3].T.tolist() == [[1, 3, 4], [2, 5, 6]] and (logps[:2] > -0.2).all()
    assert neuraltalk2.decode_sequence(dict(zip("12345", "vwxyz")), seq) == ["v x y", "w z"]
    beams, _ = net.sample(codes, beam_size=3)
    assert beams[:3].T.tolist() == [[1, 3, 4], [2, 5, 6]]
    torch.manualSeed(3)
    drawn = net.sample(codes, {"sample_max": 0, "temperature": 0.2})[0]
    assert drawn[0].tolist() == [1, 2]
    with pytest.raises(ValueError, match="9 beams"):
        net.sample_beam(codes, beam_size=9)


def test_a_checkpoint_of_neuraltalk2():
    """A thin one: no gradients, no copies for the steps."""
    cnn = nn.Sequential().add(nn.Linear(6, 4)).add(nn.ReLU(True)).float()
    model = cases_densecap.captions(num_layers=2, dropout=0.5).float()
    for m in (*model.listModules(), *cnn.listModules()):
        m.gradWeight = m.gradBias = None
    held = {"protos": {"lm": model, "cnn": cnn}, "vocab": {"1": "a"}, "opt": {"rnn_size": 3.0}, "iter": 10.0}
    loaded = copied(held)["protos"]
    assert type(loaded["lm"]) is neuraltalk2.LanguageModel and repr(loaded["lm"]) == "nn.LanguageModel"
    codes = loaded["cnn"].forward(np.ones((2, 6), np.float32))
    words = np.array([[1, 2], [3, 0], [0, 0]])
    model.evaluate(), loaded["lm"].evaluate()
    expected = model.forward([codes, words])
    assert np.array_equal(loaded["lm"].forward([codes, words]), expected) and not expected[4].any()
    net = loaded["lm"].training()
    parameters, gradients = net.getParameters()
    gradients.fill(0)
    criterion = nn.LanguageModelCriterion().float()
    criterion.forward(net.forward([codes, words]), words)
    net.backward([codes, words], criterion.backward(net.output, words))
    assert abs(gradients).max() > 0 and np.shares_memory(parameters, net.clones[3].parameters()[0][0])


def test_three_language_models_are_told_apart():
    kinds = cases_densecap.captions(), cases_densecap.regions_captions()
    kinds += (nn.LanguageModel(idx_to_token=list("ab"), wordvec_size=2, rnn_size=2, num_layers=1),)
    for kind in kinds:
        assert type(copied(kind)) is type(kind) and torch.typename(kind) == "nn.LanguageModel"
    assert nn.LanguageModel is nnx.torch_rnn.LanguageModel


def test_the_loss_of_captions_by_its_formula():
    logp, words = torch.randn(5, 3, 6), cases_densecap.WORDS
    places = [(1, 0, 1), (2, 0, 3), (3, 0, 6), (1, 1, 2), (2, 1, 6), (1, 2, 5), (2, 2, 4), (3, 2, 2), (4, 2, 6)]
    expected = -np.mean([logp[t, b, w - 1] for t, b, w in places])
    assert nn.LanguageModelCriterion().forward(logp, words) == pytest.approx(expected)
