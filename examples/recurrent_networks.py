"""Five ways to train a recurrent network with rnn: by hand, Sequencer, both directions, two coupled, sequence to one.

    python examples/recurrent_networks.py [-network all] [-hiddenSize 16] [-batchSize 8] [-seed 1]

    byhand         a Recurrent layer, called for every step; backward in reverse order; forget
    sequencer      the same task with an LSTM under Sequencer, which does all that
    bidirectional  BiSequencer marks the steps that are larger than the steps before and behind them
    coupled        an encoder reads a sequence, a decoder starts from its state and writes it backwards
    toone          SelectTable(-1) takes the last step: which symbol came first?

Each is as the scripts of Lua Torch had it, on symbols that it makes itself. Prints the error from time to time, and how
many of new sequences it gets right.
"""

from typing import Any

import numpy as np

import nn
import rnn  # noqa: F401
import torch7 as torch

nIndex = 6  # symbols
rho = 5  # steps of a sequence


def options(arguments: list[str] | None) -> Any:
    cmd = torch.CmdLine()
    cmd.text("Recurrent networks")
    cmd.option("-network", "all", "byhand | sequencer | bidirectional | coupled | toone | all")
    cmd.option("-hiddenSize", 16, "units of a recurrent layer")
    cmd.option("-batchSize", 8, "sequences in a batch")
    cmd.option("-seed", 1, "seed of the random numbers")
    return cmd.parse(arguments)


def symbols(opt: Any, steps: int = rho) -> Any:
    """A table of steps, each a batch of symbols from 1."""
    return [torch.random(torch.LongTensor(opt.batchSize), 1, nIndex) for _ in range(steps)]


def counting(opt: Any) -> tuple[Any, Any]:
    """Sequences that count in circles from a random symbol, and the symbols that follow."""
    start = symbols(opt, 1)[0]
    sequence = [(start - 1 + step) % nIndex + 1 for step in range(rho + 1)]
    return sequence[:-1], sequence[1:]


def right(outputs: Any, targets: Any) -> float:
    """The share of places where the largest output is the target."""
    return float(np.mean([torch.max(output, 2)[1].ravel() == target for output, target in zip(outputs, targets)]))


def report(iteration: int, err: float) -> None:
    if iteration % 50 == 0:
        print(f"iteration {iteration}: error {err:.4f}")


def byhand(opt: Any, iterations: int = 150, lr: float = 0.2) -> Any:
    """Every step of the sequence is a forward, and in reverse order a backward."""
    r = nn.Recurrent(
        opt.hiddenSize,
        nn.LookupTable(nIndex, opt.hiddenSize),
        nn.Linear(opt.hiddenSize, opt.hiddenSize),
        nn.Sigmoid(),
        rho,
    )
    step_of = nn.Sequential()
    step_of.add(r)
    step_of.add(nn.Linear(opt.hiddenSize, nIndex))
    step_of.add(nn.LogSoftMax())
    net = nn.Recursor(step_of, rho)
    criterion = nn.ClassNLLCriterion()
    for iteration in range(1, iterations + 1):
        inputs, targets = counting(opt)
        # 1. forward through the steps
        net.zeroGradParameters()
        net.forget()
        outputs, err = {}, 0.0
        for step in range(1, rho + 1):
            outputs[step] = net.forward(inputs[step - 1])
            err = err + criterion.forward(outputs[step], targets[step - 1])
        # 2. backward in reverse order
        for step in range(rho, 0, -1):
            gradOutput = criterion.backward(outputs[step], targets[step - 1])
            net.backward(inputs[step - 1], gradOutput)
        # 3. update
        net.updateParameters(lr)
        report(iteration, err / rho)
    inputs, targets = counting(opt)
    net.forget()
    return right([net.forward(input) for input in inputs], targets)


def trained(opt: Any, model: nn.Module, criterion: nn.Criterion, batch: Any, iterations: int, lr: float) -> Any:
    """The loop of a network that takes whole sequences; the share of right answers for a new batch."""
    for iteration in range(1, iterations + 1):
        inputs, targets = batch(opt)
        model.zeroGradParameters()
        outputs = model.forward(inputs)
        err = criterion.forward(outputs, targets)
        model.backward(inputs, criterion.backward(outputs, targets))
        model.updateParameters(lr)
        report(iteration, err)
    model.evaluate()
    inputs, targets = batch(opt)
    outputs = model.forward(inputs)
    return right(*([outputs], [targets]) if torch.isTensor(outputs) else (outputs, targets))


def sequencer(opt: Any) -> Any:
    model = nn.Sequential()
    model.add(nn.Sequencer(nn.LookupTable(nIndex, opt.hiddenSize)))
    model.add(nn.Sequencer(nn.FastLSTM(opt.hiddenSize, opt.hiddenSize)))
    model.add(nn.Sequencer(nn.Linear(opt.hiddenSize, nIndex)))
    model.add(nn.Sequencer(nn.LogSoftMax()))
    criterion = nn.SequencerCriterion(nn.ClassNLLCriterion())
    return trained(opt, model, criterion, counting, 100, 0.3)


def peaks(opt: Any) -> tuple[Any, Any]:
    """Random sequences, and for each step 2 where it is larger than its neighbours, else 1."""
    inputs = symbols(opt)
    padded = [torch.zeros(opt.batchSize), *inputs, torch.zeros(opt.batchSize)]
    larger = [(b > a) & (b > c) for a, b, c in zip(padded, inputs, padded[2:])]
    return inputs, [step + 1 for step in larger]


def bidirectional(opt: Any) -> Any:
    model = nn.Sequential()
    model.add(nn.Sequencer(nn.LookupTable(nIndex, opt.hiddenSize)))
    model.add(nn.BiSequencer(nn.FastLSTM(opt.hiddenSize, opt.hiddenSize)))
    model.add(nn.Sequencer(nn.Linear(2 * opt.hiddenSize, 2)))
    model.add(nn.Sequencer(nn.LogSoftMax()))
    criterion = nn.SequencerCriterion(nn.ClassNLLCriterion())
    return trained(opt, model, criterion, peaks, 300, 0.5)


def toone(opt: Any) -> Any:
    model = nn.Sequential()
    model.add(nn.Sequencer(nn.LookupTable(nIndex, opt.hiddenSize)))
    model.add(nn.Sequencer(nn.GRU(opt.hiddenSize, opt.hiddenSize)))
    model.add(nn.SelectTable(-1))
    model.add(nn.Linear(opt.hiddenSize, nIndex))
    model.add(nn.LogSoftMax())

    def first(opt: Any) -> tuple[Any, Any]:
        inputs = symbols(opt)
        return inputs, inputs[0]

    return trained(opt, model, nn.ClassNLLCriterion(), first, 250, 0.5)


def forwardConnect(encLSTM: Any, decLSTM: Any, length: int) -> None:
    """The decoder starts from the state that the encoder ended with.

    A Sequencer that does not remember forgets before every forward, this state too: so dec has ``remember('both')``.
    """
    decLSTM.forget()
    decLSTM.setHiddenState(0, encLSTM.getHiddenState(length))


def backwardConnect(encLSTM: Any, decLSTM: Any, length: int) -> None:
    """The encoder's last state gets the gradient of the decoder's first."""
    encLSTM.setGradHiddenState(length, decLSTM.getGradHiddenState(0))


def coupled(opt: Any, iterations: int = 250, lr: float = 0.8, length: int = 3) -> Any:
    encLSTM = nn.LSTM(opt.hiddenSize, opt.hiddenSize)
    enc = nn.Sequential()
    enc.add(nn.Sequencer(nn.LookupTable(nIndex, opt.hiddenSize)))
    enc.add(nn.Sequencer(encLSTM))
    enc.add(nn.SelectTable(-1))
    decLSTM = nn.LSTM(opt.hiddenSize, opt.hiddenSize)
    dec = nn.Sequential()
    dec.add(nn.Sequencer(nn.LookupTable(nIndex + 1, opt.hiddenSize)))
    dec.add(nn.Sequencer(decLSTM))
    dec.add(nn.Sequencer(nn.Linear(opt.hiddenSize, nIndex)))
    dec.add(nn.Sequencer(nn.LogSoftMax()))
    dec.remember("both")
    criterion = nn.SequencerCriterion(nn.ClassNLLCriterion())
    begin = torch.LongTensor(opt.batchSize)
    begin.fill(nIndex + 1)

    def forward(inputs: np.ndarray) -> tuple[Any, Any, Any, Any]:
        """Read ``inputs``; what is to be written, what the decoder sees before each, and its outputs."""
        encOut = enc.forward(inputs)
        forwardConnect(encLSTM, decLSTM, length)
        targets = inputs[::-1]
        before = [begin, *targets[:-1]]
        return encOut, targets, before, dec.forward(before)

    for iteration in range(1, iterations + 1):
        inputs = symbols(opt, length)
        enc.zeroGradParameters()
        dec.zeroGradParameters()
        encOut, targets, before, decOut = forward(inputs)
        err = criterion.forward(decOut, targets)
        dec.backward(before, criterion.backward(decOut, targets))
        backwardConnect(encLSTM, decLSTM, length)
        enc.backward(inputs, torch.zeros(*encOut.shape))
        dec.updateParameters(lr)
        enc.updateParameters(lr)
        report(iteration, err)
    _, targets, _, decOut = forward(symbols(opt, length))
    return right(decOut, targets)


networks = {
    "byhand": byhand,
    "sequencer": sequencer,
    "bidirectional": bidirectional,
    "coupled": coupled,
    "toone": toone,
}


def main(arguments: list[str] | None = None) -> Any:
    opt = options(arguments)
    results = {}
    for name in networks if opt.network == "all" else [opt.network]:
        print(f"# {name}")
        torch.manualSeed(opt.seed)
        results[name] = networks[name](opt)
        print(f"{100 * results[name]:.0f} % right")
    return results


if __name__ == "__main__":
    main()
