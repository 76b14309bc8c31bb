"""``python -m torch7 inspect`` and ``convert``."""

import subprocess
import sys
import tracemalloc

import numpy as np
import pytest
from records import HERE
from t7_values import head, i, number, q, string, table, tensor

import torch7 as torch
from torch7.__main__ import main

OTHERS = "left out: {} tensors that are no parameters, such as {}; --all writes them"


def run(capsys, *arguments):
    """Exit status and lines of a command."""
    status = main([str(a) for a in arguments])
    captured = capsys.readouterr()
    return status, captured.out.splitlines(), captured.err


def inspected(capsys, path, *options):
    status, lines, err = run(capsys, "inspect", path, *options)
    assert status == 0 and not err
    return lines


def test_a_model(capsys):
    lines = inspected(capsys, HERE / "mlp.t7")
    assert lines[0] == "binary, longs of 8 bytes, 4224 bytes"
    assert lines[1] == "nn.Sequential, 53 parameters, torch.DoubleTensor, evaluation"
    assert "    [1]: nn.Linear, 35 parameters" in lines and "      weight: torch.DoubleTensor 5x6" in lines
    assert lines[-2] == "53 parameters"
    assert lines[-1] == "the whole: nn.Sequential, 53 parameters, torch.DoubleTensor, evaluation: runs"


def test_values_shared_tensors_and_cycles(capsys):
    lines = inspected(capsys, HERE / "plain.ascii.t7", "--mode", "ascii")
    assert lines[0] == "ASCII, 943 bytes" and lines[1] == "table of 16"
    for line in [
        "  s: torch.ShortTensor 1",
        "  storage: torch.LongStorage of size 2",
        "  mat: torch.DoubleTensor 4x3, from element 1 of a shared storage of 12",
        "  view: torch.DoubleTensor 4, from element 3 of a shared storage of 12",
        "  self: same as the whole",
        "  text: 'hello'",
        "  number: 3.5",
        "  yes: true",
        "  list: list of 3",
        "    [3]: list of 2",
        "  empty: torch.DoubleTensor without elements",
    ]:
        assert line in lines


def test_unknown_classes_versions_and_functions(capsys, tmp_path):
    unknown = torch.TorchObject("proj.OneHot", {"size": 5, "f": torch.LuaFunction(8, b"12345", ["up"])}, 3)
    torch.save(tmp_path / "a.t7", {"x": unknown, "y": unknown, b"\xff": None})
    lines = inspected(capsys, tmp_path / "a.t7")
    assert lines[1:] == [
        "table of 3",
        "  x: proj.OneHot, version 3, unknown class",
        "    size: 5",
        "    f: Lua function, 5 bytes, not run",
        "      <upvalues>: list of 1",
        "        [1]: 'up'",
        "  y: same as x",
        "  ['\\\\xff']: nil",
        "0 parameters",
        "unknown classes: proj.OneHot",
        "1 Lua functions",
    ]


def test_parameters_count_once(capsys, tmp_path):
    import nn

    linear = nn.Linear(3, 2)
    net = nn.Sequential().add(linear).add(nn.Tanh()).add(linear)
    torch.save(tmp_path / "a.t7", {"net": net, "copy": linear})
    lines = inspected(capsys, tmp_path / "a.t7")
    assert lines[1] == "table of 2, 8 parameters" and lines[-2] == "8 parameters"
    assert "      [3]: same as net.modules[1]" in lines and "  copy: same as net.modules[1]" in lines


def test_long_and_deep_tables_are_cut(capsys, tmp_path):
    value = {"numbers": list(range(100)), "deep": [[[[1]]]]}
    torch.save(tmp_path / "a.t7", value)
    lines = inspected(capsys, tmp_path / "a.t7", "--items", 3, "--depth", 3)
    assert lines[2:6] == ["  numbers: list of 100", "    [1]: 0", "    [2]: 1", "    [3]: 2"]
    assert lines[6:10] == ["  deep: list of 1", "    [1]: list of 1", "      [1]: list of 1", "        ..."]
    deep = []
    for _ in range(3000):
        deep = [deep]
    torch.save(tmp_path / "a.t7", deep)
    assert len(inspected(capsys, tmp_path / "a.t7")) < 40


def test_more_objects_in_the_file_are_mentioned(capsys, tmp_path):
    with torch.DiskFile(tmp_path / "a.t7", "w") as file:
        file.binary().writeObject([1]).writeObject([2])
    assert inspected(capsys, tmp_path / "a.t7")[0].endswith(", 36 more bytes after the first object")


def test_old_headers_and_short_longs(capsys, tmp_path):
    old = i(4, 1) + string(b"nn.Linear")[4:] + table(2, (string(b"weight"), number(1)))
    (tmp_path / "a.t7").write_bytes(old)
    assert inspected(capsys, tmp_path / "a.t7")[1] == "nn.Linear"
    (tmp_path / "a.t7").write_bytes(torch.serialize((5, 6)).replace(q(2) + q(5, 6), i(2, 5, 6)))
    assert inspected(capsys, tmp_path / "a.t7")[:2] == [
        "binary, longs of 4 bytes, 48 bytes",
        "torch.LongStorage of size 2",
    ]


def test_inspect_takes_no_memory_for_tensors(capsys, tmp_path):
    torch.save(tmp_path / "a.t7", [np.zeros(5_000_000, np.float32)])
    tracemalloc.start()
    lines = inspected(capsys, tmp_path / "a.t7")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert "  [1]: torch.FloatTensor 5000000" in lines and peak < 1_000_000


def test_errors_are_one_line_and_status_1(capsys, tmp_path):
    path = tmp_path / "a.t7"
    path.write_bytes(b"PK\x03\x04 and more")
    for command in (["inspect", path], ["convert", path, tmp_path / "b.npz"], ["inspect", tmp_path / "none.t7"]):
        status, lines, err = run(capsys, *command)
        assert status == 1 and not lines and err.count("\n") == 1 and err.startswith(f"torch7 {command[0]}: ")
    status, _, err = run(capsys, "convert", HERE / "mlp.t7", tmp_path / "b.txt")
    assert status == 1 and "ends in .npz, .safetensors or .onnx; --to pytorch" in err
    with pytest.raises(SystemExit) as error:
        main(["explain", "x"])
    assert error.value.code == 2


@pytest.mark.parametrize("suffix", ["npz", "safetensors"])
def test_convert_writes_parameters_by_path(capsys, tmp_path, suffix):
    out = tmp_path / f"mlp.{suffix}"
    assert run(capsys, "convert", HERE / "mlp.t7", out) == (0, [OTHERS.format(11, "output")], "")
    if suffix == "npz":
        arrays = dict(np.load(out))
    else:
        arrays = pytest.importorskip("safetensors.numpy").load_file(out)
    model = torch.load(HERE / "mlp.t7")
    names = ["modules[1].weight", "modules[1].bias", "modules[3].weight", "modules[3].bias"]
    assert sorted(arrays) == sorted(names)
    for name, expected in zip(names, model.parameters()[0]):
        assert np.array_equal(arrays[name], expected) and arrays[name].dtype == expected.dtype


def test_convert_takes_statistics_and_tensors_of_tables(capsys, tmp_path):
    import nn

    x = np.arange(6.0)
    value = {"net": nn.BatchNormalization(2), "flat": x, "a/b": x[:2], "again": x}
    torch.save(tmp_path / "a.t7", value)
    status, lines, _ = run(capsys, "convert", tmp_path / "a.t7", tmp_path / "a.npz")
    assert status == 0 and lines == ["left out: again (flat)", OTHERS.format(2, "net.gradWeight")]
    names = ["net.weight", "net.bias", "net.running_mean", "net.running_var", "flat", "['a_b']"]
    assert sorted(np.load(tmp_path / "a.npz")) == sorted(names)
    assert np.load(tmp_path / "a.npz")["flat"].tolist() == x.tolist()


def test_an_object_that_is_a_tensor(capsys, tmp_path):
    one = head(3, b"torch.DoubleStorage") + q(1) + bytes(8)
    (tmp_path / "a.t7").write_bytes(head(1, b"my.Class") + tensor(2, (1,), (1,), 1, one))
    assert inspected(capsys, tmp_path / "a.t7")[1:3] == ["my.Class, unknown class", "  [1]: torch.DoubleTensor 1"]


def test_convert_all(capsys, tmp_path):
    value = {"net": torch.TorchObject("my.Net", {"output": np.ones(2), "bias": np.ones(3)})}
    value["same"] = value["net"].bias[:]
    torch.save(tmp_path / "a.t7", value)
    status, lines, _ = run(capsys, "convert", tmp_path / "a.t7", tmp_path / "a.npz", "--all")
    assert status == 0 and lines == ["left out: same (net.bias)"]
    assert sorted(np.load(tmp_path / "a.npz")) == ["net.bias", "net.output"]


def test_convert_leaves_out_expanded_tensors(capsys, tmp_path):
    one = head(2, b"torch.DoubleStorage") + q(1) + bytes(8)
    (tmp_path / "a.t7").write_bytes(tensor(1, (2**20, 2**20), (0, 0), 1, one))
    status, lines, _ = run(capsys, "convert", tmp_path / "a.t7", tmp_path / "a.npz")
    assert status == 0 and lines == ["left out: value (expanded from fewer elements)"]


def test_as_a_program():
    command = [sys.executable, "-m", "torch7", "inspect", str(HERE / "function.t7")]
    result = subprocess.run(command, capture_output=True, text=True)
    assert result.returncode == 0 and "Lua function, 66 bytes, not run" in result.stdout
    result = subprocess.run([*command[:-1], __file__], capture_output=True, text=True)
    assert result.returncode == 1 and result.stderr.startswith("torch7 inspect: ") and not result.stdout
