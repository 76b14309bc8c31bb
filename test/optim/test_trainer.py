"""The trainer: data of every kind, the steps of a loop by hand, schedules, hooks, an end and a new start."""

import io
import math
import sys
import warnings

import numpy as np
import pytest

import dataload as dl
import nn
import optim
import rnn  # noqa: F401
import torch7 as torch
from optim.batches import batches, samples_of


def classifier():
    torch.manualSeed(2)
    return nn.Sequential(nn.Linear(6, 8), nn.Tanh(), nn.Dropout(0.2), nn.Linear(8, 2), nn.LogSoftMax())


def data(n=50):
    torch.manualSeed(3)
    x = torch.randn(n, 6)
    return x, (x[:, 0] > 0) + 1


def trainer(*hooks, **settings):
    made = optim.Trainer(
        classifier(), nn.ClassNLLCriterion(), config={"learningRate": 0.1, "momentum": 0.9}, hooks=hooks, **settings
    )
    made.verbose = False
    return made


def flat(network):
    return np.concatenate([p.ravel() for p in network.parameters()[0]])


class TestBatches:
    x, t = np.arange(20.0).reshape(10, 2), np.arange(1, 11)
    kinds = {
        "arrays": (x, t),
        "list of arrays": [x, t],
        "loader": dl.TensorLoader(x, t),
        "examples": [[a, b] for a, b in zip(x, t.tolist())],
        "pairs": [(a, b) for a, b in zip(x, t)],
    }

    @pytest.mark.parametrize("kind", kinds)
    @pytest.mark.parametrize("shuffle", [False, True])
    def test_every_sample_once(self, kind, shuffle):
        torch.manualSeed(1)
        prepared = optim.batches.prepared(self.kinds[kind])
        found = [(n, np.copy(x), np.copy(t)) for n, x, t in batches(prepared, 4, shuffle)]
        assert [n for n, _, _ in found] == [4, 4, 2] == [len(x) for _, x, _ in found]
        rows = np.concatenate([x for _, x, _ in found])
        labels = np.concatenate([t for _, _, t in found])
        assert np.array_equal(rows[:, 0] / 2 + 1, labels)
        torch.manualSeed(1)
        order = torch.randperm(10) if shuffle else np.arange(1, 11)
        assert np.array_equal(labels, order)
        assert samples_of(prepared) == 10

    def test_tables(self):
        inputs = [self.x, [self.x + 1, self.t]]
        ((n, x, t),) = batches((inputs, self.t), 10, False)
        assert n == 10 and np.array_equal(x[1][0], self.x + 1) and np.array_equal(x[1][1], t)
        examples = [[[a, [a + 1, b]], b] for a, b in zip(self.x, self.t)]
        ((n, x, _),) = batches(optim.batches.prepared(examples), 10, False)
        assert n == 10 and np.array_equal(x[1][0], self.x + 1)

    def test_a_function(self):
        found = list(batches(lambda: iter([(self.x[:3], self.t[:3]), (self.x, self.t)]), 4, True))
        assert [n for n, _, _ in found] == [3, 10] and samples_of(lambda: 0) is None

    def test_sequences_come_in_order(self):
        loader = dl.SequenceLoader(np.arange(1, 22), 2)
        found = [(n, x.copy(), t.copy()) for n, x, t in batches(loader, 4, True)]
        assert [n for n, _, _ in found] == [4, 4, 1] and samples_of(loader) == 9
        assert all(np.array_equal(x + 1, t) for _, x, t in found)

    def test_workers(self):
        loader = dl.AsyncIterator(dl.TensorLoader(self.x, self.t), 1)
        for shuffle in (False, True):
            assert [n for n, _, _ in batches(loader, 4, shuffle)] == [4, 4, 2]

    @pytest.mark.parametrize(
        ("wrong", "error", "words"),
        [
            (5, TypeError, "takes a loader"),
            ([1, 2], TypeError, "takes a loader"),
            ([], ValueError, "empty"),
            ((x, t[:4]), ValueError, r"different numbers of samples, or none: \[10, 4\]"),
            ((x[:0], t[:0]), ValueError, "or none"),
            (([], []), ValueError, "or none"),
        ],
    )
    def test_wrong_data_change_nothing(self, wrong, error, words):
        made = trainer()
        with pytest.raises(error, match=words):
            made.train(wrong)
        assert made.epoch == 0 and made.history == []


def test_the_steps_are_those_of_a_loop_by_hand():
    x, t = data()
    made = trainer()
    torch.manualSeed(9)
    history = made.train((x, t), epochs=3, batchsize=20)
    network, criterion, config = classifier(), nn.ClassNLLCriterion(), {"learningRate": 0.1, "momentum": 0.9}
    parameters, gradients = network.getParameters()
    torch.manualSeed(9)
    for epoch in range(3):
        order, total = torch.randperm(50) - 1, 0.0
        for part in (order[:20], order[20:40], order[40:]):

            def evaluate(_, part=part):
                gradients.fill(0)
                loss = criterion.forward(network.forward(x[part]), t[part])
                network.backward(x[part], criterion.backward(network.output, t[part]))
                return loss, gradients

            _, (loss,) = optim.sgd(evaluate, parameters, config)
            total += loss * len(part)
        assert history[epoch] == {"epoch": epoch + 1, "learning rate": 0.1, "loss": total / 50}
    assert np.array_equal(flat(made.network), parameters)


def test_validation_and_metrics():
    x, t = data()
    made = trainer(metrics={"accuracy": optim.accuracy, "doubt": lambda output, target: -output.max()})
    row = made.train((x, t), (x[:30], t[:30]), epochs=2, batchsize=8)[-1]
    assert list(row) == ["epoch", "learning rate", "loss", "validation loss", "accuracy", "doubt"]
    network = made.network.evaluate()
    assert row["accuracy"] == pytest.approx(np.mean(network.forward(x[:30]).argmax(1) + 1 == t[:30]))
    assert row["validation loss"] == pytest.approx(nn.ClassNLLCriterion().forward(network.forward(x[:30]), t[:30]))
    expected = {"loss": row["validation loss"], "accuracy": row["accuracy"], "doubt": row["doubt"], "samples": 30}
    assert made.test((x[:30], t[:30]), 8) == expected
    assert network.train is True, "training goes on in training mode"


METHODS = ["sgd", "adam", "adagrad", "rmsprop", "adadelta", "adamax", "nag", "asgd", "rprop", "cg", "lbfgs"]


@pytest.mark.parametrize("method", METHODS)
def test_every_method(method):
    network = classifier()
    network.remove(3)  # without the noise of Dropout
    config = {"learningRate": 0.01} if method != "cg" else {}
    made = optim.Trainer(network, nn.ClassNLLCriterion(), getattr(optim, method), config)
    made.verbose = False
    history = made.train(data(), epochs=6, batchsize=50)
    assert history[-1]["loss"] < history[0]["loss"] and ("learning rate" in history[0]) == (method != "cg")


def test_sequences_are_forgotten_between_passes():
    torch.manualSeed(1)
    loader = dl.SequenceLoader(np.tile(np.arange(1, 6), 40), 4)
    step = nn.Sequential(nn.FastLSTM(8, 8), nn.Linear(8, 5), nn.LogSoftMax())
    network = nn.Sequential(nn.LookupTable(5, 8), nn.SplitTable(1), nn.Sequencer(step)).remember("both")

    class Split:
        def onSample(self, trainer):
            trainer.target = list(trainer.target)

    made = optim.Trainer(network, nn.SequencerCriterion(nn.ClassNLLCriterion()), optim.adam, {"learningRate": 0.02})
    made.verbose = False
    history = made.add(Split()).train(loader, epochs=4, batchsize=5)
    assert history[-1]["loss"] < 0.5 * history[0]["loss"]
    test = made.test(lambda: ((x.copy(), list(t)) for _, x, t in loader.subiter(5)))
    assert test == made.test(lambda: ((x.copy(), list(t)) for _, x, t in loader.subiter(5)))


class Recorder:
    def __init__(self):
        self.seen = []

    def __getattr__(self, name):
        if name not in optim.hooks.EVENTS:
            raise AttributeError(name)
        return lambda trainer: self.seen.append(name)


def test_the_order_of_events():
    recorder = Recorder()
    trainer(recorder).train(data(), epochs=2, batchsize=25)
    step = ["onSample", "onForward", "onBackward", "onUpdate"]
    assert recorder.seen == ["onStart", *(["onStartEpoch", *step, *step, "onEndEpoch"] * 2), "onEnd"]


def test_hooks_change_what_happens():
    class Frozen:
        def onBackward(self, trainer):
            trainer.gradParameters[:] = 0

        def onEndEpoch(self, trainer):
            trainer.stop("seen enough")

    made = trainer(Frozen())
    before = flat(made.network)
    assert len(made.train(data(), epochs=9)) == 1 and made.stopped == "seen enough"
    assert np.array_equal(flat(made.network), before)
    made.hooks.clear()
    assert [row["epoch"] for row in made.train(data(), epochs=3)] == [1, 2, 3]


@pytest.mark.parametrize(
    ("schedule", "expected"),
    [
        (optim.StepDecay(2, 0.5), [1, 1, 0.5, 0.5, 0.25]),
        (optim.ExponentialDecay(0.5), [1, 0.5, 0.25, 0.125, 0.0625]),
        (optim.CosineDecay(4), [1, 0.8535533905932737, 0.5, 0.14644660940672627, 0]),
        (optim.CosineDecay(2, 0.2), [1, 0.6, 0.2, 0.2, 0.2]),
        (optim.WarmUp(2, None, 0.0), [0, 0.5, 1, 1, 1]),
        (optim.WarmUp(1, optim.StepDecay(2, 0.1), 0.5), [0.5, 1, 1, 0.1, 0.1]),
        (lambda base, t: base / (1 + t), [1, 1 / 2, 1 / 3, 1 / 4, 1 / 5]),
    ],
)
def test_schedules(schedule, expected):
    assert [schedule(1.0, t) for t in range(5)] == pytest.approx(expected, abs=1e-15)
    made = trainer(schedule=schedule)
    rows = made.train(data(), epochs=5, batchsize=50)  # one step an epoch
    assert [row["learning rate"] for row in rows] == [schedule(0.1, t) for t in range(5)]


def test_rates_go_step_by_step():
    rates = []

    class Rates:
        def onUpdate(self, trainer):
            rates.append(trainer.config["learningRate"])

    trainer(Rates(), schedule=optim.WarmUp(1, optim.CosineDecay(1), 0.0)).train(data(), epochs=2, batchsize=25)
    assert rates == pytest.approx([0, 0.05, 0.1, 0.05])


def test_plateau():
    plateau = optim.Plateau(0.5, 1, threshold=0.1, minimum=0.2)
    made = trainer(schedule=plateau)
    made.scored = "loss"
    rates = []
    for loss in (10, 9.5, 9.4, 5, 5, 5, 5, 5, 5, 5):
        made.row = {"loss": loss}
        plateau.onEndEpoch(made)
        rates.append(plateau(1.0, 0))
    assert rates == [1, 1, 0.5, 0.5, 0.5, 0.25, 0.25, 0.2, 0.2, 0.2]


@pytest.mark.parametrize(
    "make",
    [
        lambda: optim.StepDecay(0),
        lambda: optim.ExponentialDecay(-1),
        lambda: optim.CosineDecay(float("nan")),
        lambda: optim.WarmUp(True),
        lambda: optim.EarlyStopping(0),
        lambda: trainer().__init__(classifier(), nn.ClassNLLCriterion(), schedule=optim.StepDecay()),
    ],
)
def test_wrong_settings(make):
    with pytest.raises(ValueError, match=r"^optim\.\w+: "):
        make()


@pytest.mark.parametrize("wrong", [(None, nn.MSECriterion()), (nn.Linear, nn.MSECriterion()), (nn.Linear(2, 2), None)])
def test_wrong_networks(wrong):
    with pytest.raises(TypeError, match=r"of nn, not"):
        optim.Trainer(*wrong)
    with pytest.raises(TypeError, match="a hook is an object"):
        trainer("no hook")


class Scores:
    """Gives the epochs these scores."""

    def __init__(self, *scores):
        self.scores = scores

    def onEndEpoch(self, trainer):
        trainer.row["score"] = self.scores[trainer.epoch - 1]


def scored(*hooks, scores, highest=False):
    made = trainer(*hooks, metrics={"score": lambda output, target: 0.0})
    made.hooks.insert(0, Scores(*scores))
    made.scored, made.highest = "score", highest
    return made


@pytest.mark.parametrize(
    ("scores", "highest", "ends"),
    [
        ([5, 4, 3, 3, 3, 1], False, 5),
        ([5, 4, 6, 3, 4, 5], False, 6),
        ([1, 2, 3, 2, 1, 9], True, 5),
        ([math.nan, math.nan, 1, 1, 1, 1], False, 2),
    ],
)
def test_early_stopping(scores, highest, ends):
    made = scored(optim.EarlyStopping(2), scores=scores, highest=highest)
    assert len(made.train(data(), epochs=6)) == ends
    assert (made.stopped is None) == (ends == 6 and scores[-1] != 5)


@pytest.mark.parametrize(("scores", "highest", "best"), [([3, 1, 2], False, 2), ([3, 1, 2], True, 1)])
def test_best_model(tmp_path, scores, highest, best):
    networks = []

    class Keep:
        def onEndEpoch(self, trainer):
            networks.append(flat(trainer.network))

    made = scored(optim.BestModel(tmp_path / "new" / "best.t7", restore=True), Keep(), scores=scores, highest=highest)
    network = made.network
    made.train(data(), epochs=3)
    assert np.array_equal(flat(torch.load(tmp_path / "new" / "best.t7")), networks[best - 1])
    assert made.network is network and np.array_equal(flat(network), networks[best - 1])


def test_an_unknown_column():
    made = trainer()
    made.scored = "accuracy"
    with pytest.raises(ValueError, match="no column is called 'accuracy'; there are epoch, learning rate, loss"):
        made.train(data(), epochs=1)


def test_a_loss_that_is_no_number_warns_once():
    made = trainer()
    x, t = data()
    x[0] = np.nan
    with pytest.warns(RuntimeWarning, match="loss of epoch 1 is NaN") as warned:
        made.train((x, t), epochs=3)
    assert [w.category for w in warned].count(RuntimeWarning) == 1


class TestResume:
    def make(self, folder, *hooks):
        hooks = [optim.Checkpoints(folder / "c", keep=2), optim.Logger(folder / "log"), *hooks]
        return trainer(*hooks, schedule=optim.WarmUp(1, optim.Plateau(0.5, 1)), metrics={"accuracy": optim.accuracy})

    def test_the_same_numbers(self, tmp_path):
        whole = self.make(tmp_path / "whole")
        torch.manualSeed(4)
        whole.train(data(), data(20), epochs=7, batchsize=16)
        for epochs in (3, 5, 5, 7):
            part = self.make(tmp_path / "parts")
            torch.manualSeed(4)
            network = part.network
            part.train(data(), data(20), epochs=epochs, batchsize=16, resume=True)
            assert part.network is network
        assert part.history == whole.history and np.array_equal(flat(part.network), flat(whole.network))
        assert (tmp_path / "parts" / "log").read_text() == (tmp_path / "whole" / "log").read_text()
        assert part.config["learningRate"] == whole.config["learningRate"]

    def test_what_had_stopped_stays_so(self, tmp_path):
        made = self.make(tmp_path, optim.EarlyStopping(1, threshold=9))
        assert len(made.train(data(), epochs=9)) == 2
        again = self.make(tmp_path, optim.EarlyStopping(1, threshold=9))
        assert len(again.train(data(), epochs=9, resume=True)) == 2 and again.stopped

    def test_nowhere_from(self):
        with pytest.raises(ValueError, match="to resume, give optim"):
            trainer().train(data(), resume=True)

    def test_another_network(self, tmp_path):
        self.make(tmp_path).train(data(), epochs=1)
        made = self.make(tmp_path)
        made.network = nn.Linear(6, 2)
        with pytest.raises(ValueError, match="trains a Linear, not a Sequential"):
            made.train(data(), epochs=2, resume=True)


class Terminal(io.StringIO):
    def isatty(self):
        return True


def test_bar_and_lines(monkeypatch, capsys):
    pytest.importorskip("tqdm")
    monkeypatch.setattr(sys, "stderr", Terminal())
    made = trainer()
    made.verbose = True
    made.add(optim.EarlyStopping(1, threshold=9)).train(data(), epochs=3, batchsize=10)
    drawn = sys.stderr.getvalue()
    assert "sample/s" in drawn and "50" in drawn and "<" in drawn  # the rate, the whole, the time left
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("# epoch 1/3: loss 0.") and "samples/s" in lines[0] and lines[0].endswith(" left")
    assert lines[-1] == "# stopped: loss has not been better for 1 epochs"
    monkeypatch.setattr(sys, "stderr", Terminal())
    stochastic = nn.StochasticGradient(classifier(), nn.ClassNLLCriterion())
    stochastic.maxIteration = 1
    stochastic.train([[x, t] for x, t in zip(*data())])
    assert "example/s" in sys.stderr.getvalue()


def test_it_says_what_it_is():
    made = trainer(optim.EarlyStopping(3), schedule=optim.StepDecay(2))
    assert repr(made) == "optim.Trainer(optim.sgd, epoch 0, optim.StepDecay(every=2, factor=0.1), 1 hooks)"
    for hook in (optim.EarlyStopping(3), optim.BestModel("a"), optim.Plateau(), optim.WarmUp(), optim.CosineDecay(3)):
        assert repr(hook).startswith(f"optim.{type(hook).__name__}(")


@pytest.mark.parametrize(("name", "meant"), [("score", "scored"), ("verbos", "verbose"), ("hightest", "highest")])
def test_a_misspelt_field_is_told(name, meant):
    made = trainer()
    with pytest.warns(UserWarning, match=f"has no field '{name}' and does not look at it; is '{meant}' meant"):
        setattr(made, name, "accuracy")


def test_own_fields_are_not_doubted():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        made = trainer(schedule=optim.StepDecay(1))
        made.note = 3
        made.train(data(), data(20), epochs=2)


def test_what_is_no_batch_size():
    trainer = optim.Trainer(nn.Linear(2, 1), nn.MSECriterion())
    for size in (0, -1, 2.5, True):
        with pytest.raises(ValueError, match=f"batchsize is a whole number from 1, got {size}"):
            trainer.train((np.ones((4, 2)), np.ones((4, 1))), batchsize=size)


def test_modules_of_nn_pytorch_come_as_nn():
    import nn.pytorch as tnn

    x, y = np.eye(3, dtype=np.float32), np.array([0, 1, 2])
    with pytest.raises(TypeError, match=r"is a module of nn, not Linear\(.*\); as_nn\(\) makes one of it"):
        optim.Trainer(tnn.Linear(3, 3), nn.MSECriterion())
    trainer = optim.Trainer(tnn.Linear(3, 3).as_nn(), tnn.CrossEntropyLoss(), optim.sgd, {"learningRate": 0.5})
    trainer.verbose = False
    losses = [row["loss"] for row in trainer.train((x, y), epochs=5)]
    assert losses == sorted(losses, reverse=True)


def test_names_that_optim_does_not_have():
    with pytest.raises(AttributeError, match=r"no attribute 'SGD'; is optim\.sgd meant"):
        optim.SGD
    assert not hasattr(optim, "xyz")
