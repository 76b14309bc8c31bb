"""A character language model as a graph: char-rnn's train.lua, with clones that share parameters over time.

    python examples/char_rnn.py [-data_file FILE] [-rnn_size 64] [-num_layers 2] [-seq_length 25] [-max_epochs 5] ...

One step of LSTM layers is a gModule, {x, c1, h1, ...} -> {c1, h1, ..., log probabilities}; seq_length clones of it
are run one after another, and back. Without -data_file it reads a part of the Python manual. Checkpoints go into the
folder -checkpoint_dir; they are those of char-rnn, so sample_char_rnn.py writes text from either's. -init_from goes on
training from one.
"""

import math
import time
from pathlib import Path
from typing import Any

import numpy as np

import nn
import nngraph  # noqa: F401
import nnx
import optim
import torch7 as torch


def options(arguments: list[str] | None) -> Any:
    cmd = torch.CmdLine()
    cmd.text("Train a character-level language model")
    cmd.text("Options")
    # data
    cmd.option("-data_file", "", "text to learn; a part of the Python manual if empty")
    cmd.option("-max_chars", 200000, "characters to read of it")
    # model params
    cmd.option("-rnn_size", 64, "size of LSTM internal state")
    cmd.option("-num_layers", 2, "number of layers in the LSTM")
    # optimization
    cmd.option("-learning_rate", 5e-3, "learning rate")
    cmd.option("-learning_rate_decay", 0.97, "learning rate decay")
    cmd.option("-learning_rate_decay_after", 10, "in number of epochs, when to start decaying the learning rate")
    cmd.option("-decay_rate", 0.95, "decay rate for rmsprop")
    cmd.option("-dropout", 0.0, "dropout for regularization, used after each LSTM hidden layer, 0 = no dropout")
    cmd.option("-seq_length", 25, "number of timesteps to unroll for")
    cmd.option("-batch_size", 20, "number of sequences to train on in parallel")
    cmd.option("-max_epochs", 5, "number of full passes through the training data")
    cmd.option("-grad_clip", 5.0, "clip gradients at this value")
    cmd.option("-val_frac", 0.05, "fraction of data that goes into validation set")
    cmd.option("-init_from", "", "initialize network parameters from checkpoint at this path")
    # bookkeeping
    cmd.option("-seed", 123, "torch manual random number generator seed")
    cmd.option("-print_every", 10, "how many steps between printing out the loss")
    cmd.option("-eval_val_every", 100, "every how many iterations should we evaluate on validation data?")
    cmd.option("-checkpoint_dir", "out/cv", "output directory where checkpoints get written")
    cmd.option("-savefile", "lstm", "filename to autosave the checkpoint to")
    return cmd.parse(arguments)


def read_text(opt: Any) -> Any:
    if opt.data_file:
        return Path(opt.data_file).read_text(errors="replace")[: opt.max_chars]
    from pydoc_data.topics import topics

    return "".join(topics[name] for name in sorted(topics))[: opt.max_chars]


class Loader:
    """Minibatches, {x, y} of batch_size x seq_length characters as numbers, every row a part of the text."""

    def __init__(self, opt: Any, vocab: Any = None) -> None:
        text = read_text(opt)
        self.vocab_mapping = vocab or {char: i for i, char in enumerate(sorted(set(text)), 1)}
        data = torch.LongTensor([self.vocab_mapping[char] for char in text if char in self.vocab_mapping])
        nbatches = (len(data) - 1) // (opt.batch_size * opt.seq_length)
        data = data[: nbatches * opt.batch_size * opt.seq_length + 1]
        rows = [part.reshape(opt.batch_size, -1) for part in (data[:-1], data[1:])]
        batches = list(zip(*(np.split(row, nbatches, 1) for row in rows)))
        ntrain = max(1, int(nbatches * (1 - opt.val_frac)))
        self.batches = {1: batches[:ntrain], 2: batches[ntrain:]}
        self.split_sizes = {split: len(part) for split, part in self.batches.items()}
        self.batch_ix = {1: 0, 2: 0}

    def next_batch(self, split: int) -> tuple[Any, Any]:
        x, y = self.batches[split][self.batch_ix[split]]
        self.batch_ix[split] = (self.batch_ix[split] + 1) % self.split_sizes[split]
        return x, y


def lstm(input_size: int, rnn_size: int, n: int, dropout: float) -> Any:
    """One step of ``n`` LSTM layers over one-hot characters."""
    # there will be 2*n+1 inputs
    inputs = [nn.Identity()()]  # x
    for _ in range(n):
        inputs.append(nn.Identity()())  # prev_c[L]
        inputs.append(nn.Identity()())  # prev_h[L]
    outputs: list[Any] = []
    for L in range(1, n + 1):
        # c,h from previous timesteps
        prev_h, prev_c = inputs[2 * L], inputs[2 * L - 1]
        # the input to this layer
        if L == 1:
            x, input_size_L = nnx.OneHot(input_size)(inputs[0]), input_size
        else:
            x, input_size_L = outputs[2 * (L - 1) - 1], rnn_size
            if dropout > 0:
                x = nn.Dropout(dropout)(x)
        # evaluate the input sums at once for efficiency
        i2h = nn.Linear(input_size_L, 4 * rnn_size)(x).annotate({"name": f"i2h_{L}"})
        h2h = nn.Linear(rnn_size, 4 * rnn_size)(prev_h).annotate({"name": f"h2h_{L}"})
        all_input_sums = nn.CAddTable()([i2h, h2h])
        reshaped = nn.Reshape(4, rnn_size)(all_input_sums)
        n1, n2, n3, n4 = nn.SplitTable(2)(reshaped).split(4)
        # decode the gates
        in_gate, forget_gate, out_gate = nn.Sigmoid()(n1), nn.Sigmoid()(n2), nn.Sigmoid()(n3)
        # decode the write inputs
        in_transform = nn.Tanh()(n4)
        # perform the LSTM update
        next_c = nn.CAddTable()([nn.CMulTable()([forget_gate, prev_c]), nn.CMulTable()([in_gate, in_transform])])
        # gated cells form the output
        next_h = nn.CMulTable()([out_gate, nn.Tanh()(next_c)])
        outputs += [next_c, next_h]
    # set up the decoder
    top_h = outputs[-1]
    if dropout > 0:
        top_h = nn.Dropout(dropout)(top_h)
    proj = nn.Linear(rnn_size, input_size)(top_h).annotate({"name": "decoder"})
    outputs.append(nn.LogSoftMax()(proj))
    return nn.gModule(inputs, outputs)


def clone_many_times(net: nn.Module, T: int) -> Any:
    """T copies with buffers of their own and the parameters of ``net``."""
    return {t: net.clone("weight", "bias", "gradWeight", "gradBias") for t in range(1, T + 1)}


class Trainer:
    """Network, clones, state: what the functions of train.lua share."""

    def __init__(self, opt: Any) -> None:
        self.opt = opt
        self.checkpoint = torch.load(opt.init_from) if opt.init_from else {}
        self.loader = Loader(opt, self.checkpoint.get("vocab"))
        if self.checkpoint:
            self.protos = self.checkpoint["protos"]
        else:
            rnn = lstm(len(self.loader.vocab_mapping), opt.rnn_size, opt.num_layers, opt.dropout)
            self.protos = {"rnn": rnn, "criterion": nn.ClassNLLCriterion()}
        # the initial state of the cell/hidden states
        self.init_state = [torch.zeros(opt.batch_size, opt.rnn_size) for _ in range(2 * opt.num_layers)]
        self.params, self.grad_params = self.protos["rnn"].getParameters()
        if not self.checkpoint:
            torch.uniform(self.params, -0.08, 0.08)
            self.remember_at_first()
        print(f"number of parameters in the model: {len(self.params)}")
        # make a bunch of clones after flattening, as that reallocates memory
        self.clones = {
            "rnn": clone_many_times(self.protos["rnn"], opt.seq_length),
            "criterion": {t: self.protos["criterion"].clone() for t in range(1, opt.seq_length + 1)},
        }
        self.init_state_global = [torch.clone(state) for state in self.init_state]

    def remember_at_first(self) -> None:
        """The LSTM forget gates start with a bias of 1, so that they begin by remembering."""
        size = self.opt.rnn_size
        for node in self.protos["rnn"].forwardnodes:
            if (node.data.annotations.get("name") or "").startswith("i2h_"):
                node.data.module.bias[size : 2 * size] = 1.0

    def step(self, t: int, x: np.ndarray, state: Any) -> tuple[Any, Any]:
        """Run clone ``t`` on column ``t`` of the batch; its new states and the prediction."""
        *state, prediction = self.clones["rnn"][t].forward([x[:, t - 1], *state])
        return state, prediction

    def eval_split(self, split: int) -> Any:
        """Evaluate the loss over an entire split."""
        self.loader.batch_ix[split] = 0
        n, loss = self.loader.split_sizes[split], 0
        state = self.init_state
        for _ in range(n):
            x, y = self.loader.next_batch(split)
            for t in range(1, self.opt.seq_length + 1):
                self.clones["rnn"][t].evaluate()
                state, prediction = self.step(t, x, state)
                loss += self.clones["criterion"][t].forward(prediction, y[:, t - 1])
            state = [torch.clone(s) for s in state]
        return loss / self.opt.seq_length / n

    def feval(self, x: np.ndarray) -> tuple[Any, Any]:
        """Do fwd/bwd and return loss, grad_params."""
        if x is not self.params:
            self.params[...] = x
        self.grad_params.fill(0)
        x, y = self.loader.next_batch(1)
        seq_length = self.opt.seq_length
        # forward pass
        rnn_state, predictions, loss = {0: self.init_state_global}, {}, 0
        for t in range(1, seq_length + 1):
            self.clones["rnn"][t].training()  # make sure we are in correct mode
            rnn_state[t], predictions[t] = self.step(t, x, rnn_state[t - 1])
            loss += self.clones["criterion"][t].forward(predictions[t], y[:, t - 1])
        loss /= seq_length
        # backward pass: there is no gradient from the future at the last step
        drnn_state = {seq_length: [torch.zeros(*state.shape) for state in self.init_state]}
        for t in range(seq_length, 0, -1):
            doutput_t = self.clones["criterion"][t].backward(predictions[t], y[:, t - 1])
            dlst = self.clones["rnn"][t].backward([x[:, t - 1], *rnn_state[t - 1]], [*drnn_state[t], doutput_t])
            drnn_state[t - 1] = dlst[1:]  # dlst[1] is the gradient by x, which we do not need
        # transfer final state to initial state (BPTT)
        self.init_state_global = [torch.clone(state) for state in rnn_state[seq_length]]
        # clip gradient element-wise
        torch.clamp_(self.grad_params, -self.opt.grad_clip, self.opt.grad_clip)
        return loss, self.grad_params


def main(arguments: list[str] | None = None) -> dict[str, Any]:
    opt = options(arguments)
    torch.setdefaulttensortype("torch.FloatTensor")
    torch.manualSeed(opt.seed)
    trainer = Trainer(opt)
    loader = trainer.loader
    train_losses, val_losses = {}, {}
    optim_state = {"learningRate": opt.learning_rate, "alpha": opt.decay_rate}
    optim_state = trainer.checkpoint.get("optim_state", optim_state)  # char-rnn began anew
    iterations_per_epoch = loader.split_sizes[1]
    iterations, loss0, savefile = opt.max_epochs * iterations_per_epoch, None, None
    for i in range(1, iterations + 1):
        epoch = i / iterations_per_epoch
        start = time.perf_counter()
        _, loss = optim.rmsprop(trainer.feval, trainer.params, optim_state)
        train_losses[i] = train_loss = loss[0]

        # exponential learning rate decay
        if i % iterations_per_epoch == 0 and epoch >= opt.learning_rate_decay_after:
            optim_state["learningRate"] *= opt.learning_rate_decay

        # every now and then or on last iteration
        if i % opt.eval_val_every == 0 or i == iterations:
            val_losses[i] = val_loss = trainer.eval_split(2) if loader.split_sizes[2] else train_loss
            savefile = Path(opt.checkpoint_dir) / f"lm_{opt.savefile}_epoch{epoch:.2f}_{val_loss:.4f}.t7"
            print(f"saving checkpoint to {savefile}")
            savefile.parent.mkdir(parents=True, exist_ok=True)
            checkpoint = {"protos": trainer.protos, "opt": dict(opt), "train_losses": train_losses}
            checkpoint |= {"val_loss": val_loss, "val_losses": val_losses, "i": i, "epoch": epoch}
            torch.save(savefile, checkpoint | {"vocab": loader.vocab_mapping, "optim_state": optim_state})

        if i % opt.print_every == 0:
            ratio = torch.norm(trainer.grad_params) / torch.norm(trainer.params)
            spent = time.perf_counter() - start
            print(f"{i}/{iterations} (epoch {epoch:.3f}), train_loss = {train_loss:6.8f}, ", end="")
            print(f"grad/param norm = {ratio:6.4e}, time/batch = {spent:.4f}s")

        # handle early stopping if things are going really bad
        loss0 = train_loss if loss0 is None else loss0
        if math.isnan(train_loss) or train_loss > loss0 * 3:
            print("loss is exploding, aborting.")
            break
    return {"train": train_losses, "val": val_losses, "checkpoint": savefile, "params": trainer.params}


if __name__ == "__main__":
    main()
