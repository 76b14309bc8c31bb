import gc
import subprocess
import sys
import threading
import time
import tracemalloc
import weakref

import numpy as np
import pytest
from PIL import Image
from slow_loader import Slow, Unreadable, leave

import dataload as dl
import torch7 as torch


def loader_of(n):
    return dl.TensorLoader(np.arange(1, n + 1), np.arange(1, n + 1) * 10)


workers = pytest.mark.parametrize("processes", [False, True], ids=["threads", "processes"])


@workers
@pytest.mark.parametrize("nthread", [1, 3])
def test_batches_come_in_order_and_complete(nthread, processes):
    iterator = dl.AsyncIterator(Slow(np.arange(1, 24), np.arange(1, 24) * 10), nthread, processes=processes)
    for _ in range(2):
        ks, seen = [], []
        for k, inputs, targets in iterator.subiter(5):
            ks.append(k)
            seen += inputs.tolist()
            assert (targets == inputs * 10).all()
        assert ks == [5, 10, 15, 20, 23] and seen == list(range(1, 24))


@pytest.mark.parametrize("n, batchsize, epochsize", [(10, 3, None), (5, 2, 6), (7, 7, 20), (9, 4, 0), (9, 4, -1)])
def test_subiter_is_that_of_the_loader(n, batchsize, epochsize):
    loader, iterator = loader_of(n), dl.AsyncIterator(loader_of(n))
    for _ in range(3):
        expected = [(k, x.tolist()) for k, x, _ in loader.subiter(batchsize, epochsize)]
        assert [(k, x.tolist()) for k, x, _ in iterator.subiter(batchsize, epochsize)] == expected


def test_breaking_out_keeps_the_position():
    iterator = dl.AsyncIterator(loader_of(20), 3)
    for k, _, _ in iterator.subiter(3):
        if k == 6:
            break
    list(iterator.sampleiter(4, 8))
    assert [x.tolist() for _, x, _ in iterator.subiter(4, 18)] == [
        [7, 8, 9, 10],
        [11, 12, 13, 14],
        [15, 16, 17, 18],
        [19, 20],
        [1, 2, 3, 4],
    ]
    assert next(iterator.subiter(2))[1].tolist() == [5, 6]


@workers
def test_equal_seeds_give_equal_batches(processes):
    def draw():
        torch.manualSeed(5)
        iterator = dl.AsyncIterator(loader_of(1000), 2, processes=processes)
        return [(k, x.tolist()) for k, x, _ in iterator.sampleiter(4, 22)]

    first = draw()
    assert [k for k, _ in first] == [4, 8, 12, 16, 20, 22]
    assert first == draw()
    torch.manualSeed(5 + 1)
    assert first[0][1] == [torch.random(1, 1000) for _ in range(4)]


def test_workers_do_not_touch_the_callers_stream():
    torch.manualSeed(5)
    expected = torch.uniform()
    torch.manualSeed(5)
    list(dl.AsyncIterator(loader_of(50)).sampleiter(5))
    assert torch.uniform() == expected


def test_reset_starts_streams_and_position_anew():
    torch.manualSeed(5)
    iterator = dl.AsyncIterator(loader_of(100))
    first = [x.tolist() for _, x, _ in iterator.sampleiter(5, 20)]
    second = [x.tolist() for _, x, _ in iterator.sampleiter(5, 20)]
    next(iterator.subiter(5))
    iterator.reset()
    assert next(iterator.subiter(5))[1].tolist() == [1, 2, 3, 4, 5]
    iterator.reset()
    assert [x.tolist() for _, x, _ in iterator.sampleiter(5, 20)] == first != second


def test_the_mode_of_the_newest_iterator():
    iterator = dl.AsyncIterator(loader_of(10))
    assert iterator.querymode is None
    assert [iterator.querymode for _ in iterator.subiter(5)] == ["subiter"] * 2
    assert {iterator.querymode for _ in iterator.sampleiter(5)} == {"sampleiter"}
    iterator.synchronize()
    assert iterator.querymode is None


def test_each_worker_has_its_own_trackers():
    sequences = [np.arange(10 * i, 10 * i + 4) for i in range(1, 5)]
    iterator = dl.AsyncIterator(dl.MultiSequence(sequences, 1), 2)
    seen = [x[:, 0].tolist() for _, x, _ in iterator.subiter(4, 16)]
    assert seen == [[0, 10, 11, 12], [0, 10, 11, 12], [0, 20, 21, 22], [0, 20, 21, 22]]


def test_workers_share_large_arrays_and_copy_the_rest():
    loader = loader_of(10)
    loader.names = ["a"]
    iterator = dl.AsyncIterator(loader, 2)
    for _ in range(2):
        iterator.asyncPut(lambda dataset: (dataset.inputs, dataset.names), (), 0)
    for _, (inputs, names) in (iterator.asyncGet(), iterator.asyncGet()):
        assert inputs is loader.inputs and names == ["a"] and names is not loader.names


@workers
def test_an_error_of_a_worker_is_raised_in_its_place(processes):
    data = Slow(np.arange(1, 21), np.arange(1, 21))
    data.bad = 13
    iterator = dl.AsyncIterator(data, 2, processes=processes)
    seen = []
    with pytest.raises(LookupError, match="sample 13 is bad"):
        for k, _, _ in iterator.subiter(4):
            seen.append(k)
    assert seen == [4, 8, 12]
    assert next(iterator.subiter(4))[1].tolist() == [17, 18, 19, 20]
    iterator.reset()
    assert [k for k, _, _ in iterator.subiter(4, 12)] == [4, 8, 12]


def test_a_worker_process_that_dies_is_reported():
    iterator = dl.AsyncIterator(loader_of(9), 1, processes=True)
    iterator.asyncPut(leave, (3,), 0)
    with pytest.raises(RuntimeError, match="exit code 3"):
        iterator.asyncGet()


def test_a_job_that_a_process_cannot_read_is_reported():
    iterator = dl.AsyncIterator(loader_of(9), 1, processes=True)
    iterator.asyncPut(Unreadable(), (), 0)
    with pytest.raises(RuntimeError, match="cannot read its job: not here"):
        iterator.asyncGet()
    assert next(iterator.subiter(2))[0] == 2


def test_an_error_at_the_start_of_a_worker_is_raised():
    def init(number):
        raise OSError(f"worker {number} has no licence")

    iterator = dl.AsyncIterator(loader_of(9), 2, threadInit=init)
    with pytest.raises(OSError, match="worker 1 has no licence"):
        next(iterator.subiter(3))


def test_only_the_newest_iterator_can_be_used():
    iterator = dl.AsyncIterator(loader_of(20))
    old = iterator.subiter(2)
    next(old)
    new = iterator.subiter(2)
    with pytest.raises(RuntimeError, match="one iterator per synchronize"):
        next(old)
    assert next(new)[0] == 2
    iterator.synchronize()
    with pytest.raises(RuntimeError, match="one iterator per synchronize"):
        next(new)


def test_a_batch_stays_until_the_next_is_asked_for():
    iterator = dl.AsyncIterator(Slow(np.arange(1, 101), np.arange(1, 101)), 2)
    for k, inputs, _ in iterator.subiter(5):
        time.sleep(0.002)
        assert inputs.tolist() == list(range(k - 4, k + 1))


def test_arguments_reach_the_data_set():
    class Powers(dl.TensorLoader):
        def sub(self, start, stop, inputs=None, targets=None, power=1):
            inputs, targets = super().sub(start, stop, inputs, targets)
            return inputs, inputs**power

    iterator = dl.AsyncIterator(Powers(np.arange(1, 9), np.arange(1, 9)))
    assert all((y == x**3).all() for _, x, y in iterator.subiter(3, None, 3))


def test_sizes_and_direct_calls_are_those_of_the_data_set():
    loader = dl.TensorLoader(np.zeros((6, 2)), np.arange(6))
    iterator = dl.AsyncIterator(loader)
    assert (iterator.size(), iterator.isize(), iterator.tsize(False)) == (6, [2], [6])
    assert iterator.sub(2, 3)[1].tolist() == [1, 2] and iterator.index([6])[1].tolist() == [5]
    assert len(iterator.sample(4)[1]) == 4
    iterator.forceCollectGarbage()
    iterator.collectgarbage()


@pytest.mark.parametrize(
    "call, error, message",
    [
        (lambda: dl.AsyncIterator([1, 2]), TypeError, "expects a DataLoader, got list"),
        (lambda: dl.AsyncIterator(loader_of(3), 2, False, "json"), ValueError, "serialmode"),
        (lambda: dl.AsyncIterator(loader_of(3), 0), ValueError, "at least one worker"),
        (lambda: dl.AsyncIterator(loader_of(3)).asyncGet(), RuntimeError, "asyncPut"),
        (lambda: dl.AsyncIterator(loader_of(3)).clone(), TypeError, "clone its dataset"),
    ],
)
def test_wrong_use_says_so(call, error, message):
    with pytest.raises(error, match=message):
        call()


def test_threads_end_with_their_iterator():
    iterator = dl.AsyncIterator(loader_of(30), 2)
    threads = [worker._thread for worker in iterator._workers]
    next(iterator.subiter(3))
    gone = weakref.ref(iterator)
    del iterator
    gc.collect()
    assert gone() is None
    for thread in threads:
        thread.join(3600)
    assert not any(thread in threading.enumerate() for thread in threads)


@workers
def test_a_program_that_stops_in_the_middle_ends(processes, tmp_path):
    script = tmp_path / "stops.py"
    script.write_text(
        "import numpy as np, dataload as dl\n"
        "if __name__ == '__main__':\n"
        "    loader = dl.TensorLoader(np.zeros((500, 9999)), np.zeros(500))\n"
        f"    iterator = dl.AsyncIterator(loader, 2, processes={processes})\n"
        "    print(next(iterator.subiter(100))[0])\n"
    )
    done = subprocess.run([sys.executable, script], capture_output=True, text=True, timeout=3600)
    assert (done.returncode, done.stdout, done.stderr) == (0, "100\n", "")


def test_memory_stays_flat_over_epochs(tmp_path):
    for i in range(40):
        (tmp_path / f"c{i % 4}").mkdir(exist_ok=True)
        Image.fromarray(np.full((40, 40, 3), i, np.uint8)).save(tmp_path / f"c{i % 4}" / f"{i}.jpg")
    iterator = dl.AsyncIterator(dl.ImageClass(tmp_path, [3, 40, 40], verbose=False), 2)
    tracemalloc.start()
    try:
        held = []
        for _ in range(10):
            assert sum(len(y) for _, _, y in iterator.subiter(8)) == 40
            held.append(tracemalloc.get_traced_memory()[0])
    finally:
        tracemalloc.stop()
    assert max(held[2:]) < held[1] + 200_000
