"""Write text with a checkpoint of char-rnn or torch-rnn, whether Lua Torch trained it or examples/char_rnn.py.

    python examples/sample_char_rnn.py MODEL.t7 [-length 2000] [-temperature 1] [-primetext TEXT] [-sample 1] ...

What is sample.lua in char-rnn and in torch-rnn. A checkpoint of char-rnn is a table with ``protos`` and ``vocab``, one
of torch-rnn a table with ``model``, an nn.LanguageModel. -sample 0 takes the likeliest character each time.
"""

import sys
from typing import Any

import torch7 as torch


def options(arguments: list[str] | None) -> Any:
    cmd = torch.CmdLine()
    cmd.text("Sample from a character-level language model")
    cmd.argument("model", "model checkpoint to use for sampling")
    cmd.option("-seed", 123, "random number generator's seed")
    cmd.option("-sample", 1, "0 to use max at each timestep, 1 to sample at each timestep")
    cmd.option("-primetext", "", "used as a prompt to seed the state of the LSTM using a given sequence")
    cmd.option("-length", 2000, "number of characters to sample")
    cmd.option("-temperature", 1.0, "temperature of sampling")
    return cmd.parse(arguments)


def sample_torch_rnn(checkpoint: Any, opt: Any) -> Any:
    model = checkpoint["model"]
    model.evaluate()
    settings = {"length": opt.length + len(opt.primetext), "start_text": opt.primetext}
    return model.sample({**settings, "sample": opt.sample, "temperature": opt.temperature})


def sample_char_rnn(checkpoint: Any, opt: Any) -> Any:
    protos = checkpoint["protos"]
    protos["rnn"].evaluate()  # put in eval mode so that dropout works properly
    # initialize the vocabulary (and its inverted version)
    vocab = checkpoint["vocab"]
    ivocab = {i: c for c, i in vocab.items()}
    # initialize the rnn state to all zeros: c and h of every layer, h alone where there are no cells
    cells = 2 if checkpoint["opt"].get("model", "lstm") == "lstm" else 1
    torch.setdefaulttensortype(protos["rnn"].type())
    zeros = torch.zeros(1, checkpoint["opt"]["rnn_size"])
    current_state = [zeros] * (cells * checkpoint["opt"]["num_layers"])

    def step(char: Any) -> Any:
        """Forward one character; its prediction."""
        nonlocal current_state
        *state, prediction = protos["rnn"].forward([torch.LongTensor([vocab[char]]), *current_state])
        current_state = [torch.clone(s) for s in state]
        return prediction

    # do a few seeded timesteps, or start from uniform probabilities
    prediction = torch.zeros(1, len(vocab))
    for char in opt.primetext:
        prediction = step(char)
    text = opt.primetext
    # start sampling/argmaxing
    for _ in range(opt.length):
        if opt.sample == 0:
            # use argmax
            next_char = torch.max(prediction, 2)[1]
        else:
            # use sampling
            probs = torch.exp(torch.div(torch.double(prediction), opt.temperature))
            probs = torch.div(probs, torch.sum(probs))  # renormalize so probs sum to one
            next_char = torch.multinomial(probs, 1)
        char = ivocab[int(next_char.item())]
        text += char
        prediction = step(char)
    return text


def main(arguments: list[str] | None = None) -> Any:
    opt = options(arguments)
    torch.manualSeed(opt.seed)
    checkpoint = torch.load(opt.model)
    known = isinstance(checkpoint, dict) and ("protos" in checkpoint or "model" in checkpoint)
    if not known:
        raise SystemExit(f"{opt.model}: neither a checkpoint of char-rnn (protos, vocab) nor of torch-rnn (model)")
    sample = sample_char_rnn if "protos" in checkpoint else sample_torch_rnn
    text = sample(checkpoint, opt)
    print(text)
    return text


if __name__ == "__main__":
    main(sys.argv[1:])
