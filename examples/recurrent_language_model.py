"""Train a recurrent language model: LSTMs over words, a softmax or noise-contrastive estimation on top.

    python examples/recurrent_language_model.py [--nce] [--data FOLDER] [--maxepoch 12] [--hiddensize 200] ...

The port of rnn's language model scripts (--help lists all options). Reads ptb.train.txt, ptb.valid.txt and ptb.test.txt
in FOLDER, else it takes sentences of the Python manual. Batches are seqlen x batchsize words, and the network remembers
from one to the next, so that each column of the batch is one long text. The learning rate falls from --startlr to
--minlr in --saturate epochs, gradients are cut off at the norm --cutoff. Prints the perplexity of the training and the
held-out words after each epoch, beside that of guessing by word counts, and writes them to the log beside --save. The
best model is saved and tested at the end; training stops early after --earlystop epochs without a better one. All that
training needs is saved after each epoch, too: --continue with that file goes on as if never stopped. With tqdm and a
terminal a bar shows the progress of an epoch.
"""

import math
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import dataload as dl
import nn
import optim
import rnn  # noqa: F401
import torch7 as torch

try:
    from tqdm import tqdm  # type: ignore[import-untyped, unused-ignore]
except ImportError:
    tqdm = None


def options(arguments: list[str] | None) -> Any:
    cmd = torch.CmdLine()
    cmd.text("Train a recurrent language model")
    cmd.option("--data", "", "folder with the text files; without it the Python manual is read")
    cmd.option("--save", "out/language_model.t7", "file of the best model")
    cmd.option(
        "--continue", "", "file of a training to go on with, SAVE.latest.t7; of the options --maxepoch counts then"
    )
    cmd.option("--seed", 1, "seed of the random numbers")
    cmd.text("Model")
    cmd.option("--hiddensize", "200", "units of each LSTM layer, such as 200,200; word vectors are of the first size")
    cmd.option("--dropout", 0.5, "probability of dropping a unit between layers; 0 for none")
    cmd.option("--uniform", 0.1, "parameters start in the range from minus this to this; 0 for each layer's own")
    cmd.option("--nce", False, "train by noise-contrastive estimation instead of the softmax")
    cmd.option("--k", 100, "noise words at each step")
    cmd.text("Training")
    cmd.option("--maxepoch", 12, "epochs to train")
    cmd.option("--earlystop", 50, "epochs to wait for a better model before training stops")
    cmd.option("--batchsize", 32, "texts read side by side")
    cmd.option("--seqlen", 20, "words that the gradient goes back")
    cmd.option("--startlr", 2, "learning rate of the first epoch")
    cmd.option("--minlr", 0.01, "learning rate of the last ones")
    cmd.option("--saturate", 10, "epochs in which the learning rate falls")
    cmd.option("--momentum", 0.9, "momentum; 0 for none")
    cmd.option("--cutoff", 5, "largest norm of the gradients; 0 for any")
    cmd.option("--trainsize", 0, "words to train on in an epoch; 0 for all")
    cmd.option("--validsize", 0, "held-out words to read after an epoch; 0 for all")
    return cmd.parse(arguments)


class LanguageModel:
    """A network from words to the log probabilities of the next one, and its criterion."""

    def __init__(self, words: int, sizes: Any, dropout: float) -> None:
        self.net = nn.Sequential().add(self.layers(words, sizes, dropout))
        self.net.add(nn.Sequencer(nn.Sequential().extend(nn.Linear(sizes[-1], words), nn.LogSoftMax())))
        self.criterion = nn.SequencerCriterion(nn.ClassNLLCriterion())
        self.net.remember("both")

    def layers(self, words: Any, sizes: Any, dropout: float) -> Any:
        """Word vectors and LSTMs, from seqlen x batchsize words to seqlen x batchsize x units."""
        layers = nn.Sequential().add(nn.LookupTableMaskZero(words, sizes[0]))
        for inputsize, size in zip([sizes[0], *sizes], sizes):
            if dropout > 0:
                layers.add(nn.Dropout(dropout))
            layers.add(nn.SeqLSTM(inputsize, size))
        return layers.add(nn.Dropout(dropout)) if dropout > 0 else layers

    def reset(self, bound: float) -> None:
        for parameter in self.net.parameters()[0]:
            torch.uniform(parameter, -bound, bound)

    def step(self, inputs: Any, targets: Any, lr: float, momentum: float, cutoff: float) -> Any:
        """One step of training; the loss, summed over time."""
        net, (input, target) = self.net, self.pair(inputs, targets)
        loss = self.criterion.forward(net.forward(input), target)
        net.zeroGradParameters()
        net.backward(input, self.criterion.backward(net.output, target))
        net.gradParamClip(cutoff)
        net.updateGradParameters(momentum)
        net.updateParameters(lr)
        return loss

    def loss(self, inputs: Any, targets: Any) -> Any:
        """Minus the log probability of a batch of words, summed over time, a mean over the batch."""
        input, target = self.pair(inputs, targets)
        return self.criterion.forward(self.net.forward(input), target)

    def pair(self, inputs: Any, targets: Any) -> tuple[Any, Any]:
        """What the network takes, and what the criterion compares with."""
        return inputs, targets


class NCEModel(LanguageModel):
    """The same network, trained on the next word and k noise words at each step instead of all words."""

    def __init__(self, words: int, sizes: Any, dropout: float, k: int, unigrams: Any) -> None:
        scores = self.layers(words, sizes, dropout).add(nn.SplitTable(1))
        self.net = nn.Sequential().add(nn.ParallelTable().extend(scores, nn.SplitTable(1)))
        self.output = nn.NCEModule(sizes[-1], words, k, unigrams, 1)
        self.output.normalized = self.output.logsoftmax = True
        self.net.extend(nn.ZipTable(), nn.Sequencer(self.output))
        self.criterion = nn.SequencerCriterion(nn.NCECriterion())
        self.held_out = nn.SequencerCriterion(nn.ClassNLLCriterion())
        self.net.remember("both")

    def reset(self, bound: float) -> None:
        super().reset(bound)
        self.output.bias.fill(-math.log(len(self.output.bias)))

    def loss(self, inputs: Any, targets: Any) -> Any:
        input, target = self.pair(inputs, targets)
        return self.held_out.forward(self.net.forward(input), target)

    def pair(self, inputs: Any, targets: Any) -> tuple[Any, Any]:
        return [inputs, targets], list(targets)


def counts(loader: Any) -> Any:
    """How often each word comes in the training text, in the order of their numbers."""
    unigrams = torch.zeros(len(loader.ivocab))
    for word, count in loader.wordfreq.items():
        unigrams[loader.vocab[word] - 1] = count
    return unigrams


def unigramPerplexity(loader: Any, unigrams: Any) -> Any:
    """The perplexity of a text for who only knows how often words come."""
    targets = loader.data[1:].ravel() - 1
    return math.exp(-torch.log(unigrams / unigrams.sum())[targets].mean())


def batches(loader: Any, opt: Any, size: int, name: str) -> Iterator[Any]:
    """Inputs and targets of one epoch, under a progress bar where there can be one."""
    size = int(size // loader.batchsize) or loader.size()
    iterator = loader.subiter(int(opt.seqlen), size)
    if tqdm is None or not sys.stderr.isatty():
        yield from ((inputs, targets) for _, inputs, targets in iterator)
        return
    with tqdm(total=size, desc=name, leave=False) as bar:
        for k, inputs, targets in iterator:
            yield inputs, targets
            bar.update(k - bar.n)


def train(model: Any, loader: Any, opt: Any, lr: float) -> tuple[Any, Any]:
    """One epoch; the mean loss of a word, and the words a second."""
    model.net.training().forget()
    loss, steps, start = 0.0, 0, time.perf_counter()
    for inputs, targets in batches(loader, opt, opt.trainsize, "train"):
        loss += model.step(inputs, targets, lr, opt.momentum, opt.cutoff)
        steps += len(inputs)
    return loss / steps, steps * loader.batchsize / (time.perf_counter() - start)


def perplexity(model: Any, loader: Any, opt: Any, size: int = 0) -> Any:
    """The exponential of the mean of minus the log probability of a word."""
    model.net.evaluate().forget()
    loader.reset()
    loss, steps = 0.0, 0
    for inputs, targets in batches(loader, opt, size, "test"):
        loss += model.loss(inputs, targets)
        steps += len(inputs)
    return math.exp(loss / steps)


def makeModel(opt: Any, words: Any, unigrams: Any) -> Any:
    sizes = [int(size) for size in opt.hiddensize.split(",")]
    noise = (int(opt.k), unigrams) if opt.nce else ()
    model = (NCEModel if opt.nce else LanguageModel)(words, sizes, opt.dropout, *noise)
    if opt.uniform > 0:
        model.reset(opt.uniform)
    return model


def learningRate(opt: Any, epoch: int) -> Any:
    """It falls on a line, and stays at the smallest."""
    return max(opt.minlr, opt.startlr + (epoch - 1) * (opt.minlr - opt.startlr) / opt.saturate)


def main(arguments: list[str] | None = None) -> dict[str, Any]:
    opt = options(arguments)
    torch.setdefaulttensortype("torch.FloatTensor")
    torch.manualSeed(int(opt.seed))
    xplog = torch.load(opt["continue"]) if opt["continue"] else {}
    opt.update({**xplog.get("opt", opt), "maxepoch": opt.maxepoch})
    trainSet, validSet, testSet = dl.loadPTB([int(opt.batchsize), 10, 10], opt.data or None)
    unigrams = counts(trainSet)
    words, guess = len(unigrams), unigramPerplexity(validSet, unigrams)
    print(f"# {words} words; {trainSet.data.size} to train, {validSet.size()} valid, {testSet.size()} test")
    print(f"# perplexity of guessing by word counts {guess:.1f}")

    model = makeModel(opt, words, unigrams)
    print(model.net)
    xplog = resumed(xplog, model, trainSet) or {"opt": dict(opt), "epoch": 0, "trainppl": [], "valppl": [], "ntrial": 0}
    logger = optim.Logger(f"{opt.save}.log").setNames(["learning rate", "training", "held out"])
    while xplog["epoch"] < opt.maxepoch and xplog["ntrial"] < opt.earlystop:
        xplog["epoch"] = epoch = xplog["epoch"] + 1
        lr = learningRate(opt, epoch)
        loss, speed = train(model, trainSet, opt, lr)
        held_out = perplexity(model, validSet, opt, opt.validsize)
        shown = f"NCE error {loss:.3f}" if opt.nce else f"perplexity {math.exp(loss):6.1f}"
        print(f"epoch {epoch:2}  lr {lr:.3f}  training {shown}  held out {held_out:6.1f}  {speed:.0f} words/s")
        logger.add([lr, loss if opt.nce else math.exp(loss), held_out])
        xplog["ntrial"] = 0 if held_out < min(xplog["valppl"], default=math.inf) else xplog["ntrial"] + 1
        xplog["trainppl"].append(math.exp(loss))
        xplog["valppl"].append(held_out)
        if not xplog["ntrial"]:
            save(model, trainSet.vocab, opt.save)
        saveTraining(xplog, model, trainSet, f"{opt.save}.latest.t7")
    trained, model.net = model.net, torch.load(opt.save)["model"].get(1)
    result = perplexity(model, testSet, opt)
    print(f"# best model: {opt.save}; perplexity held out {min(xplog['valppl']):.1f}, test {result:.1f}")
    return {**xplog, "words": guess, "valid": min(xplog["valppl"]), "test": result, "net": trained}


def saveTraining(xplog: dict[str, Any], model: Any, loader: Any, path: str) -> None:
    """All that going on needs: the network with its momentum, the place in the text, the random numbers."""
    torch.save(path, {**xplog, "net": model.net, "place": loader._start, "random": torch.getRNGState()})


def resumed(xplog: dict[str, Any], model: Any, loader: Any) -> Any:
    """Put back what :func:`saveTraining` saved, and return the log of the experiment."""
    if xplog:
        model.net, loader._start = xplog.pop("net"), xplog.pop("place")
        torch.setRNGState(xplog.pop("random"))
    return xplog


def save(model: Any, vocab: Any, path: str) -> None:
    """The network, without what a file does not need, and its words."""
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    torch.save(path, {"model": nn.Serial(model.net).lightSerial(), "vocab": vocab})


if __name__ == "__main__":
    main()
