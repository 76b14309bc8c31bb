"""The step that trains a network, as ``torch7.graph`` gets it."""


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
