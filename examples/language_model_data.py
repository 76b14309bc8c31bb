"""The data of a word language model, from text to batches, and two models that need nothing but counts.

    python examples/language_model_data.py [--data FOLDER] [--srcurl ADDRESS] [--seqlen 20] [--batchsize 32]
        [--sentences]

Reads ptb.train.txt, ptb.valid.txt and ptb.test.txt in FOLDER, downloaded from the folder ADDRESS if it is given;
else it takes sentences of the Python manual. Shows how a recurrent network is fed: batches of seqlen x batchsize word
numbers, column by column one text, the targets one word ahead. With --sentences every sentence stands for itself, with
a mask step before it. Prints the perplexity of guessing by word counts and by counts of pairs, the mark for a network
to beat.
"""

import argparse
import math
from collections.abc import Callable
from typing import Any

import numpy as np

import dataload as dl
import torch7 as torch


def load(opt: Any) -> Any:
    """Train, valid and test loader; evaluation reads one column."""
    sizes = [opt.batchsize, 1, 1]
    if opt.sentences:
        return dl.loadGBW(sizes, datapath=opt.data, srcurl=opt.srcurl)
    return dl.loadPTB(sizes, opt.data, opt.srcurl)


def show(loader: Any, seqlen: int, words: int = 8) -> None:
    """The first batch: its size, and how two columns begin."""
    k, inputs, targets = next(loader.subiter(seqlen))
    print(f"# a batch of {len(inputs)} x {inputs.shape[1]} words after {k} steps")
    text = {0: "[]", **loader.ivocab}
    for column in range(min(2, inputs.shape[1])):
        for name, numbers in (("input ", inputs), ("target", targets)):
            print(f"column {column + 1} {name}", *(text[i] for i in numbers[:words, column].tolist()))
    loader.reset()


def word_probabilities(loader: Any) -> Any:
    """How often each word comes in the training text, by number."""
    counts = loader.wordfreq
    if isinstance(counts, dict):  # of sentences it is a tensor in this order
        counts = [counts[loader.ivocab[number]] for number in range(1, len(loader.vocab) + 1)]
    counts = np.array([0.0, *counts])
    return counts / counts.sum()


def pair_probabilities(train: Any) -> Any:
    """For each word the words that follow it, with their shares."""
    bigrams = dl.buildBigrams(train)
    train.reset()
    return {word: dict(zip(entry["index"].tolist(), entry["prob"].tolist())) for word, entry in bigrams.items()}


def perplexity(loader: Any, seqlen: int, probability: Callable[[Any, Any], float]) -> float:
    """exp of the mean of -log p(target | input) over the words of a loader; mask steps do not count."""
    loss, count = 0.0, 0
    for _, inputs, targets in loader.subiter(seqlen):
        for word, target in zip(inputs.ravel().tolist(), targets.ravel().tolist()):
            if word:
                loss -= math.log(probability(word, target))
                count += 1
    loader.reset()
    return math.exp(loss / count)


def main(arguments: list[str] | None = None) -> Any:
    parser = argparse.ArgumentParser(description="Feed a language model.")
    parser.add_argument("--data", help="folder with the text files")
    parser.add_argument("--srcurl", help="address to download them from")
    parser.add_argument("--seqlen", type=int, default=20)
    parser.add_argument("--batchsize", type=int, default=32)
    parser.add_argument("--sentences", action="store_true", help="sentences that do not follow one another")
    opt = parser.parse_args(arguments)
    torch.manualSeed(1)

    train, valid, test = load(opt)
    print(f"# {len(train.vocab)} words; steps: {train.size()} to train, {valid.size()} valid, {test.size()} test")
    show(train, opt.seqlen)

    words, pairs = word_probabilities(train), pair_probabilities(train)

    def mixed(word: Any, target: Any) -> Any:
        return 0.75 * pairs.get(word, {}).get(target, 0.0) + 0.25 * words[target]

    results = {}
    for name, probability in (("words", lambda word, target: words[target]), ("pairs", mixed)):
        results[name] = [perplexity(loader, opt.seqlen, probability) for loader in (valid, test)]
        print("# perplexity by counts of {}: valid {:.1f}, test {:.1f}".format(name, *results[name]))
    return results


if __name__ == "__main__":
    main()
