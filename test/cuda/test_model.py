"""The model that chooses tiles and splits of a convolution: what it stands on, and what it says of known layers."""

import pytest

from nn.thnn.cuda.conv import model

H200, SMALL = model.Card(132), model.Card(14, 1.5e9, 2e11)
#: Rows, columns and depth of layers at batch 32.
LAYERS = {
    "first 7x7": (64, 32 * 112 * 112, 147),
    "1x1, 64 to 256": (256, 32 * 56 * 56, 64),
    "3x3, 128 planes": (128, 32 * 28 * 28, 1152),
    "3x3, 256 planes": (256, 32 * 14 * 14, 2304),
    "3x3, 512 planes": (512, 32 * 7 * 7, 4608),
    "vgg": (256, 32 * 56 * 56, 2304),
    "one pixel": (512, 1, 4608),
}


def chosen(name, kernels=model.EXACT, card=H200, divisible=True):
    rows, columns, depth = LAYERS[name]
    return model.choose(kernels, rows, columns, depth, 1, divisible, card)


@pytest.mark.parametrize("card", [H200, SMALL], ids=["H200", "small"])
@pytest.mark.parametrize("kernels", [model.EXACT, model.TF32, model.DOUBLE], ids=["exact", "tf32", "double"])
@pytest.mark.parametrize("name", LAYERS)
def test_nothing_is_faster_than_what_is_chosen(name, kernels, card):
    rows, columns, depth = LAYERS[name]
    best = chosen(name, kernels, card)
    for kernel in kernels:
        steps = -(-depth // kernel.depth)
        for splits in range(1, max(1, min(16, steps // 8)) + 1):
            assert model.seconds(kernel, rows, columns, depth, 1, splits, card) >= best.seconds
    assert best.seconds > 0


def test_large_layers_get_large_tiles_and_are_not_split():
    assert chosen("vgg")[:2] == chosen("vgg", model.TF32)[:2] == (128, 1)
    assert chosen("first 7x7").tile == 64, "64 rows fill half of a large tile"
    assert chosen("first 7x7").splits == 1


def test_layers_of_few_tiles_are_split():
    """32 x 7 x 7 places of 512 planes are 52 large tiles for 264 places on the card."""
    for kernels in (model.EXACT, model.TF32):
        split, whole = chosen("3x3, 512 planes", kernels), chosen("3x3, 512 planes", kernels, divisible=False)
        assert split.splits > 1 and whole.splits == 1
        assert split.seconds < 0.75 * whole.seconds
    assert chosen("one pixel").splits == 16
    assert chosen("1x1, 64 to 256").splits == 1, "four steps are not divided"
    assert chosen("3x3, 512 planes", card=SMALL).splits <= 2


def test_gradients_of_weights():
    """Of few planes or of few columns small tiles."""

    def tile(*sizes):
        return model.best_weights(model.WEIGHTS, *sizes, 1, H200)[:2]

    assert tile(20, 26, 32, 24 * 24) == tile(64, 148, 32, 112 * 112) == (64, 64)
    assert tile(64, 577, 32, 56 * 56) == tile(192, 577, 32, 28 * 28) == (64, 128)
    assert tile(256, 2305, 32, 56 * 56) == (128, 128)
    assert tile(64, 50, 1024, 1) == (64, 128), "steps of one place each do no work"


@pytest.mark.parametrize("kernels", [model.EXACT, model.TF32])
def test_more_of_everything_takes_longer(kernels):
    for kernel in kernels:
        times = [model.seconds(kernel, 128, n, 1152, 1, 1, H200) for n in (1000, 10_000, 100_000, 1_000_000)]
        assert times == sorted(times)
        deep = [model.seconds(kernel, 128, 10_000, k, 1, 1, H200) for k in (64, 512, 4096)]
        assert deep == sorted(deep)
        assert model.seconds(kernel, 128, 100_000, 1152, 1, 1, SMALL) > model.seconds(
            kernel, 128, 100_000, 1152, 1, 1, H200
        )


def test_a_full_card_reaches_the_rate_of_its_kernel():
    kernel, n = model.EXACT[0], 128 * 264 * 50
    seconds = model.seconds(kernel, 128, n, 4096, 1, 1, H200)
    peak = 132 * kernel.rate * H200.clock
    assert 0.9 * peak < 128 * n * 4096 / seconds <= peak


def test_the_card_is_asked(cupy):
    assert model.card(0).multiprocessors == cupy.cuda.Device(0).attributes["MultiProcessorCount"]
