from __future__ import annotations

import nn


@nn.register
@nn.Decorator.decorate
class SeqBRNN(nn.Container):
    """Two SeqLSTMs, one that reads a sequence forwards and one that reads it backwards, their outputs merged.

    Input: ``T x N x inputDim``, with ``batchFirst`` (False) ``N x T x inputDim``; output likewise of ``hiddenDim``, or
    what ``merge``, CAddTable() by default, makes of a table of two of them. Errors are those of the modules, with their
    place as a note. Source: manual of rnn; Schuster and Paliwal (1997), Bidirectional recurrent neural networks.
    """

    def __init__(
        self, inputDim: int, hiddenDim: int, batchFirst: bool | None = None, merge: nn.Module | None = None
    ) -> None:
        super().__init__()
        self.forwardModule = nn.SeqLSTM(inputDim, hiddenDim)
        self.backwardModule = nn.SeqLSTM(inputDim, hiddenDim)
        self.merge = nn.CAddTable() if merge is None else merge
        self.dim = 1
        backward = nn.Sequential().add(nn.SeqReverseSequence(self.dim)).add(self.backwardModule)
        backward.add(nn.SeqReverseSequence(self.dim))
        layers = [nn.ConcatTable().add(self.forwardModule).add(backward), self.merge]
        if batchFirst:
            layers = [nn.Transpose([1, 2]), *layers, nn.Transpose([1, 2])]
        self.module = nn.Sequential()
        for layer in layers:
            self.module.add(layer)
        self.modules = [self.module]
