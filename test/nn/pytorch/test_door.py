"""Arrays that compiled code must not see: of the other byte order, of other shapes, with gaps, read-only."""

import inspect

import numpy as np
import pytest

import nn.pytorch as tnn
import nn.pytorch.functional as F


def sample(*shape):
    return np.random.default_rng(sum(shape)).normal(size=shape)


def gaps(x):
    return np.repeat(x, 2, axis=-1)[..., ::2]


x, plane = sample(2, 3, 6), sample(2, 3, 6, 6)
words, scores, labels = np.array([1, 0, 3]), sample(4, 5), np.array([1, 0, 4, 2])
#: Name -> arguments.
CALLS = {
    "conv1d": (x, sample(4, 3, 3), sample(4)),
    "conv_transpose2d": (plane, sample(3, 4, 2, 2), sample(4)),
    "linear": (x, sample(5, 6), sample(5)),
    "bilinear": (sample(4, 3), sample(4, 2), sample(5, 3, 2), sample(5)),
    "embedding": (words, scores),
    "embedding_bag": (words, scores, np.array([0, 2])),
    "layer_norm": (x, (6,), sample(6), sample(6)),
    "group_norm": (x, 3, sample(3), sample(3)),
    "batch_norm": (x, sample(3), sample(3) ** 2, sample(3), sample(3)),
    "prelu": (x, sample(3)),
    "softmax": (x, 1),
    "max_pool2d": (plane, 2),
    "avg_pool2d": (plane, 2),
    "lp_pool1d": (abs(x), 2, 2),
    "lp_pool2d": (abs(plane), 3, 2),
    "lp_pool3d": (abs(plane[None]), 2.5, (1, 2, 2)),
    "conv2d": (plane, sample(4, 3, 3, 3), sample(4)),
    "adaptive_max_pool1d": (x, 4),
    "local_response_norm": (plane, 2),
    "instance_norm": (plane,),
    "rms_norm": (x, (6,), sample(6)),
    "log_softmax": (x, 1),
    "glu": (x,),
    "pdist": (scores,),
    "adaptive_avg_pool2d": (plane, 3),
    "interpolate": (plane, (4, 9)),
    "grid_sample": (plane, sample(2, 4, 4, 2)),
    "pad": (x, (1, 2), "reflect"),
    "pixel_shuffle": (sample(2, 4, 3, 3), 2),
    "channel_shuffle": (sample(2, 4, 3), 2),
    "unfold": (plane, 2),
    "fold": (sample(2, 12, 25), (6, 6), 2),
    "scaled_dot_product_attention": (sample(2, 4, 3), sample(2, 5, 3), sample(2, 5, 4)),
    "cosine_similarity": (scores, sample(5, 4).T),
    "pairwise_distance": (scores, sample(5, 4).T),
    "normalize": (x,),
    "gelu": (x,),
    "max_unpool1d": (sample(1, 1, 2), np.array([[[0, 3]]]), 2),
}


@pytest.mark.parametrize("name", CALLS)
def test_backward_refuses_what_is_no_gradient(name):
    """Also after a call of the same shape, whose compiled code is there: no number from beside the array."""
    args, backward = CALLS[name], getattr(F, f"{name}_backward")
    g = np.ones_like(getattr(F, name)(*args))
    expected = backward(g, *args)
    for wrong in (g[:-1], g[..., :-1], np.concatenate([g, g]), g[None], g.reshape(-1)[:1]):
        if wrong.shape != g.shape:
            with pytest.raises(ValueError):
                backward(np.ascontiguousarray(wrong), *args)
    for wrong in (g.astype(">f8"), g.astype(np.float16), g.astype(int)):
        with pytest.raises(TypeError, match="float32 or float64"):
            backward(wrong, *args)
    if name not in ("softmax", "log_softmax"):  # its output may be of another type
        with pytest.raises(
            TypeError, match=r"gradOutput is float32, the first array float64: use g.astype\('float64'\)"
        ):
            backward(g.astype(np.float32), *args)
    for own, other in zip(backward(gaps(g), *args), expected):
        np.testing.assert_array_equal(own, other)


@pytest.mark.parametrize("name", [name for name in CALLS if name not in ("normalize", "pad", "channel_shuffle")])
def test_other_memory_gives_the_same_numbers_and_another_byte_order_none(name):
    args, function = CALLS[name], getattr(F, name)
    expected = function(*args)
    for changed in (gaps, np.asfortranarray, lambda a: np.frombuffer(a.tobytes(), a.dtype).reshape(a.shape)):
        given = [changed(a) if isinstance(a, np.ndarray) else a for a in args]
        np.testing.assert_allclose(function(*given), expected, rtol=1e-12)
    try:
        swapped = [a.astype(a.dtype.newbyteorder()) if isinstance(a, np.ndarray) else a for a in args]
        np.testing.assert_allclose(function(*swapped), expected, rtol=1e-12)
    except TypeError as error:
        assert ">f8" in str(error)


def _takes_out(function):
    return "out" in inspect.signature(function).parameters


def test_gradients_of_linear_for_arrays_that_do_not_fit():
    """The kernel took the sizes of the weight for those of the input."""
    for args in ((x, sample(5, 7)), (x, sample(5, 2)), (x[..., :3], sample(5, 6)), (x, sample(5, 6), sample(4))):
        with pytest.raises(ValueError, match="do not fit"):
            F.linear_backward(sample(2, 3, 5), *args)


@pytest.mark.parametrize("wrong", [None, "x", (1,), [], np.ones(2), object()])
def test_settings_that_are_no_numbers(wrong):
    for call in (F.elu, F.leaky_relu, F.softplus, F.hardshrink, lambda x, v: F.threshold(x, 0.1, v)):
        with pytest.raises(TypeError, match="a number expected, got"):
            call(x, wrong)


@pytest.mark.parametrize("name", [name for name in CALLS if _takes_out(getattr(F, name))])
def test_out_is_written_or_refused(name):
    """Of another size it was written beside, with gaps not at all."""
    args, function, backward = CALLS[name], getattr(F, name), getattr(F, f"{name}_backward")
    expected = function(*args)
    calls = [(function, args, expected)]
    if _takes_out(backward):
        calls.append((backward, (expected, *args), backward(expected, *args)[0]))
    for call, given, result in calls:
        for make in (gaps, np.asfortranarray, lambda a: a[:-1], np.ravel, lambda a: a.astype(np.float32), list):
            out = make(np.full_like(result, 7))
            try:
                call(*given, out=out)
            except (TypeError, ValueError):
                continue
            assert out.shape == result.shape
            np.testing.assert_allclose(out, result, rtol=1e-6)
        frozen = np.full_like(result, 7)
        frozen.flags.writeable = False
        with pytest.raises(ValueError):
            call(*given, out=frozen)


@pytest.mark.parametrize("name", ["MSELoss", "L1Loss", "NLLLoss", "CrossEntropyLoss", "BCEWithLogitsLoss"])
def test_losses(name):
    t = labels if name in ("NLLLoss", "CrossEntropyLoss") else np.abs(sample(5, 4).T) % 1
    crit = getattr(tnn, name)(reduction="none")
    losses = crit(scores, t)
    swapped = t.astype(t.dtype.newbyteorder())
    np.testing.assert_array_equal(crit(scores, swapped), losses)
    for wrong in (np.ones(1), np.ones(losses.size + 1), np.ones((1, *losses.shape))):
        with pytest.raises(ValueError, match="gradOutput of a loss is"):
            crit.backward(scores, swapped, wrong)
    one, each = (crit.backward(scores, swapped, g).copy() for g in (2.0, np.full(losses.shape, 2.0)))
    np.testing.assert_array_equal(one, each)
    for wrong in (scores.astype(">f8"), scores.astype(np.float16)):
        with pytest.raises(TypeError, match="float32 or float64"):
            crit(wrong, t)
    mean = getattr(tnn, name)()
    mean(scores, t)
    np.testing.assert_array_equal(mean.backward(scores, t, np.ones(1)), mean.backward(scores, t))
    with pytest.raises(ValueError, match="gradOutput of a loss is"):
        mean.backward(scores, t, np.ones(2))


def test_a_bias_with_gaps():
    """The convolution read the memory between."""
    layer, bias = tnn.Conv1d(3, 4, 3).double(), sample(8)
    expected = layer(x) - layer.bias.data[:, None]
    layer.bias = tnn.Parameter(bias[::2])
    np.testing.assert_allclose(layer(x), expected + bias[::2, None], rtol=1e-12)


def test_gradients_by_both_masks_of_attention():
    """That by the mask of the queries was taken for that of the padding."""
    q, k, weights = sample(3, 2, 4), sample(5, 2, 4), (sample(12, 4), sample(12))
    args = (q, k, k, 4, 2, *weights, None, None, False, 0.0, sample(4, 4), sample(4))
    masks = {"key_padding_mask": sample(2, 5), "attn_mask": sample(3, 5)}
    y = F.multi_head_attention_forward(*args, **masks)[0]
    given = F.multi_head_attention_forward_backward([np.ones_like(y)], *args, **masks)
    by = dict(zip(("key_padding_mask", "attn_mask"), [g for g in given if g is not None][-2:]))
    for name, mask in masks.items():
        step = 1e-6 * sample(*mask.shape)
        up, down = (F.multi_head_attention_forward(*args, **masks | {name: mask + s})[0].sum() for s in (step, -step))
        np.testing.assert_allclose((by[name] * step).sum(), (up - down) / 2, rtol=1e-6)


def test_running_statistics_in_any_memory_are_moved():
    expected = [np.zeros(3), np.ones(3)]
    F.batch_norm(x, *expected, training=True)
    given = [np.zeros(6)[::2], np.ones((3, 2))[:, 1]]
    F.batch_norm(x, *given, training=True)
    np.testing.assert_array_equal(given, expected)
    given[0].flags.writeable = False
    with pytest.raises(ValueError, match="must be writable"):
        F.batch_norm(x, *given, training=True)
    F.batch_norm(x, *given)


def test_a_hand_written_backward_of_another_type_is_told():
    """Its float64 came to a convolution in float32, which wrote beyond its memory."""

    class Careless(tnn.Module):
        def forward(self, x):
            return x * 1

        def backward(self, input, gradOutput, scale=1.0):
            return np.ones(input.shape)

    class Net(tnn.Module):
        def __init__(self):
            super().__init__()
            self.weight, self.last = tnn.Parameter(tnn.randn(4, 3, 3)), Careless()

        def forward(self, x):
            return self.last(F.conv1d(x, self.weight))

    net, single = Net(), x.astype(np.float32)
    y = net(single)
    with pytest.raises(TypeError, match="gradOutput is float64, the first array float32"):
        net.backward(single, np.ones_like(y))
