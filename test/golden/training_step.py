"""Steps that train a network, as ``torch7.graph`` gets them."""


def training_step(net, criterion, pieces=False):
    """One that can be read as a whole, or one that only its ``pieces`` can be captured of."""
    count = 0

    def step(x, t):
        net.zeroGradParameters()
        loss = criterion.forward(net.forward(x), t)
        net.backward(x, criterion.backward(net.output, t))
        net.updateParameters(0.05)
        return loss

    def in_pieces(x, t):
        nonlocal count
        count += 1
        return step(x, t)

    return in_pieces if pieces else step


def gradient_step(net):
    """One with a gradient of the output in the place of a criterion."""

    def step(x, g):
        net.zeroGradParameters()
        net.forward(x)
        net.backward(x, g)
        net.updateParameters(0.1)
        return net.gradInput

    return step
