"""Tree, AllReduceSGD and AllReduceEA on any number of nodes: every node checks its own results."""

import numpy as np

import distlearn
from distlearn import AllReduceEA, AllReduceSGD

tree = distlearn.Tree()
n, node = tree.numNodes, tree.nodeIndex
total = n * (n + 1) / 2


def equal_everywhere(x):
    same = tree.allReduce(x.copy(), np.maximum)[0] == tree.allReduce(x.copy(), np.minimum)[0]
    assert np.all(same)


def check_tree():
    assert tree.rank == node - 1 and repr(tree) == f"distlearn.Tree(node {node} of {n})"
    assert tree.allReduce(node) == (total, n) and isinstance(tree.allReduce(node)[0], int)
    assert tree.allReduce(0.5) == (0.5 * n, n)
    transposed = np.full((2, 3), float(node)).T
    transposed[2, 1] += 1
    value = [np.arange(4, dtype=np.float16), {"b": np.array([node == 1, False]), 1: transposed}, node]
    result, count = tree.allReduce(value)
    assert result is value and count == n and value[2] == total
    np.testing.assert_array_equal(value[0], np.arange(4) * n)
    assert value[0].dtype == np.float16
    np.testing.assert_array_equal(value[1]["b"], [True, False])
    expected = np.full((3, 2), total)
    expected[2, 1] += n
    np.testing.assert_array_equal(transposed, expected)
    assert value[1][1] is transposed


def check_other_functions():
    x = np.array([node, -node, np.nan if node == n else 1.0])
    np.testing.assert_array_equal(tree.allReduce(x.copy(), np.maximum)[0], [n, -1, np.nan])
    np.testing.assert_array_equal(tree.allReduce(x.copy(), np.minimum)[0], [1, -n, np.nan])
    assert tree.allReduce(node, lambda a, b: 10 * a + b)[0] == int("".join(map(str, range(1, n + 1))))
    y = np.full((2, 2), float(node))
    result, _ = tree.allReduce(y, lambda a, b: np.add(a, 2 * b, out=a))
    assert result is y and y[0, 0] >= 1
    equal_everywhere(y)
    big = np.array([">f8", "<f8"].index(">f8") + np.arange(3), ">f8")
    np.testing.assert_array_equal(tree.allReduce(big)[0], np.arange(3) * n)


def check_scatter():
    value = [np.full((2, 2), float(node)).T, node, {"x": 0.5 * node}]
    assert tree.scatter(value) is value
    assert (value[0] == 1).all() and value[1:] == [1, {"x": 0.5}]
    assert tree.scatter(node, n) == n


def check_nodes_that_run_out():
    x = np.ones(3)
    for step in range(node):
        x.fill(1)
        _, count = tree.allReduce(x, np.add)
        assert count == n - step and x[0] == count
    x, count = tree.allReduce(x, np.add, lambda y: y.fill(0))
    assert count == 0


def gradients(dtype=np.float64):
    flat = np.zeros(100, dtype)
    return [flat[:30].reshape(5, 6), [flat[30:90], {"t": np.zeros((40, 3), dtype).T}], np.zeros((), dtype)]


def fill(grads, value):
    distlearn.walkTable(grads, lambda x: x.fill(value))


def check_sums():
    for size in (None, 8, 64, 200):
        for dtype in (np.float64, np.float32, np.float16):
            sgd, grads = AllReduceSGD(tree, bucketSize=size), gradients(dtype)
            for _ in range(2):
                fill(grads, node)
                grads[1][1]["t"][1, 7] = 3 * node
                assert sgd.sumGradients(grads) == n
                assert grads[0][4, 5] == grads[1][0][0] == grads[2] == total
                assert grads[1][1]["t"][1, 7] == 3 * total and grads[1][1]["t"][1, 8] == total
                fill(grads, node)
                sgd.sumAndNormalizeGradients(grads)
                assert grads[0][0, 0] == grads[1][1]["t"][2, 39] == total / n
            sgd.synchronizeParameters(gradients(dtype))


def check_shared_tensors_are_added_once():
    x = np.full(4, float(node))
    AllReduceSGD(tree).sumGradients([x, x, x.reshape(4)])
    np.testing.assert_array_equal(x, total)
    for pair in ([x, x[1:]], [x[:3], x], [x[::2], x[1:]], [x, x.reshape(2, 2)[:, 1]]):
        try:
            AllReduceSGD(tree).sumGradients(pair)
        except ValueError as e:
            assert "share a part" in str(e)
        else:
            raise AssertionError(pair)
    columns = np.full((2, 2), float(node))
    AllReduceSGD(tree).sumGradients([columns[:, 0], columns[:, 1]])
    np.testing.assert_array_equal(columns, total)


def check_weights():
    sgd, x = AllReduceSGD(tree), np.array([float(node), np.nan if node == 1 < n else 1.0])
    samples = 0 if node == 1 < n else node
    assert sgd.sumAndNormalizeGradients(x, samples) == n
    held = [k for k in range(1, n + 1) if not (k == 1 < n)]
    np.testing.assert_allclose(x, [sum(k * k for k in held) / sum(held), 1])
    sgd.synchronizeParameters(x)


def check_different_numbers_of_steps():
    sgd, grads, params = AllReduceSGD(tree, bucketSize=64), gradients(), gradients()
    fill(params, node)
    sgd.synchronizeParameters(params)
    assert params[0][0, 0] == params[1][1]["t"][0, 0] == 1
    for epoch in range(2):
        steps = 2 + node % 3 + (epoch if node == n else 0)
        others = [2 + k % 3 + (epoch if k == n else 0) for k in range(1, n + 1)]
        for step in range(steps):
            fill(grads, node)
            count = sgd.sumAndNormalizeGradients(grads)
            active = [k for k in range(1, n + 1) if others[k - 1] > step]
            assert count == len(active)
            assert abs(grads[0][0, 0] - sum(active) / count) < 1e-12
        fill(params, 10 * epoch + node)
        sgd.synchronizeParameters(params)
        winner = 1 + int(np.argmax(others))
        assert params[0][0, 0] == params[2] == 10 * epoch + winner


def check_a_node_without_any_step():
    sgd, x = AllReduceSGD(tree), np.full(5, float(node))
    for _ in range(0 if node == 1 else 2):
        sgd.sumGradients(np.ones(5))
    sgd.synchronizeParameters(x)
    assert (x == min(2, n)).all()


def check_compression():
    for name, step in (("float16", 2.0**-11), ("bfloat16", 2.0**-8)):
        for dtype in (np.float32, np.float64):
            draws = [np.random.default_rng(k).standard_normal(1001) for k in range(1, n + 1)]
            mine, exact = draws[node - 1].astype(dtype), sum(draws)
            sgd, sent, steps = AllReduceSGD(tree, name, 1000), np.zeros(1001), 50
            for _ in range(steps):
                x = mine.copy()
                sgd.sumGradients(x)
                if n > 1:
                    assert np.abs(x - exact).max() < 4 * step * (1 + sum(map(np.abs, draws)).max())
                equal_everywhere(x)
                sent += x
            assert np.abs(sent / steps - exact).max() < 8 * n * step / steps * 5
            sgd.synchronizeParameters(x)


def check_compression_of_what_16_bits_do_not_hold():
    for name in ("float16", "bfloat16"):
        sgd, sums = AllReduceSGD(tree, name), np.zeros(4)
        for step in range(8 * n):
            x = np.array([0 if step else 1e5, 1e-8, 1.0, np.inf], np.float32)
            sgd.sumGradients(x)
            sums += x
        np.testing.assert_allclose(sums, [1e5 * n, 8e-8 * n * n, 8 * n * n, np.inf], rtol=0.02, atol=1e-7)
        x = np.array([np.nan, -np.inf, 1, 1], np.float32)
        sgd.sumGradients(x)
        assert np.isnan(x[0]) and x[1] == -np.inf and np.isfinite(x[2])
        sgd.synchronizeParameters(x)


def elastic(tau, alpha, counts, grads):
    """The formula, all nodes in one process."""
    x = [np.zeros(3) for _ in counts]
    center = np.zeros(3)
    for step in range(1, max(counts) + 1):
        for k, count in enumerate(counts):
            if step <= count:
                x[k] += grads[k]
        if step % tau == 0:
            deltas = [alpha * (x[k] - center) for k, count in enumerate(counts) if step <= count]
            for k, delta in zip([k for k, count in enumerate(counts) if step <= count], deltas):
                x[k] -= delta
            center = center + sum(deltas)
    return x, center


def check_elastic_averaging():
    for tau in (1, 3):
        ea, x = AllReduceEA(tree, tau, 0.2), [np.full(3, float(node - 1)), {"a": np.zeros((2, 2), np.float32)}]
        ea.synchronizeParameters(x)
        counts = [4 + 2 * (k % 3) for k in range(n)]
        grads = [np.arange(3) + k for k in range(n)]
        for _ in range(counts[node - 1]):
            x[0] += grads[node - 1]
            ea.averageParameters(x)
        own, center = elastic(tau, 0.2, counts, grads)
        np.testing.assert_allclose(x[0], own[node - 1], rtol=1e-12)
        ea.synchronizeCenter(x)
        np.testing.assert_allclose(x[0], own[node - 1], rtol=1e-12)
        np.testing.assert_allclose(ea.center[0], center, rtol=1e-12)
        equal_everywhere(ea.center[0])
        ea.synchronizeParameters(x)
        np.testing.assert_allclose(x[0], own[0], rtol=1e-12)
        np.testing.assert_array_equal(ea.center[0], x[0])


def check_the_first_node_alone():
    made = []
    log = distlearn.onFirst(tree, lambda name: made.append(name) or made, "log")
    assert made == (["log"] if node == 1 else [])
    log.append("row")
    try:
        distlearn.onFirst(tree, open, "/no/such/file")
    except OSError:
        assert node == 1
    except RuntimeError as e:
        assert node > 1 and "No such file" in str(e)
    else:
        raise AssertionError("no error")


def check_seeds():
    import torch7

    seeds = [distlearn.manualSeed(tree, 5), torch7.initialSeed()]
    assert seeds == [5 + 65536 * tree.rank] * 2
    draws = tree.allReduce(torch7.uniform(), lambda a, b: a if a != b else np.nan)[0]
    assert not np.isnan(draws)


def check_arguments():
    sgd = AllReduceSGD(tree)
    readonly = np.ones(3)
    readonly.flags.writeable = False
    for wrong, error in (([1.0], TypeError), ("text", TypeError), (readonly, ValueError), (np.array(["a"]), TypeError)):
        for method in (sgd.sumGradients, sgd.synchronizeParameters, AllReduceEA(tree, 1, 0.5).averageParameters):
            try:
                method(wrong)
            except error:
                continue
            raise AssertionError((wrong, method))
    for make in (
        lambda: AllReduceSGD(tree, "int8"),
        lambda: AllReduceEA(tree, 0, 0.1),
        lambda: AllReduceEA(tree, 1.5, 1),
    ):
        try:
            make()
        except ValueError:
            continue
        raise AssertionError(make)
    assert sgd.sumGradients(np.ones(2)) == n
    sgd.synchronizeParameters(np.ones(2))


for name, check in list(globals().items()):
    if name.startswith("check_"):
        check()
        if node == 1:
            print(name, "holds", flush=True)
