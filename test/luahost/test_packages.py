"""Programs that require CUDA's packages outright run on a machine without a GPU: cuda() is float()."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from rocks import cutorch

pytest.importorskip("lupa")
ROOT = Path(__file__).parents[2]
PROGRAM = """
require 'cutorch'
require 'cunn'
require 'cudnn'
cudnn.benchmark, cudnn.fastest = true, true
cutorch.setDevice(1)
cutorch.manualSeed(1)
print(cutorch.getDeviceCount(), cutorch.getDevice(), cutorch.getMemoryUsage(1) > 0)
torch.setdefaulttensortype('torch.FloatTensor')
local net = nn.Sequential():add(nn.Linear(4, 3)):add(nn.ReLU()):add(nn.LogSoftMax())
cudnn.convert(net, cudnn)
print(net)
net:cuda()
local criterion = nn.ClassNLLCriterion():cuda()
local x, t = torch.randn(5, 4):cuda(), torch.Tensor{1, 2, 1, 3, 2}:cuda()
local y = torch.CudaTensor(5, 4):copy(x)
local f = criterion:forward(net:forward(y), t)
net:backward(y, criterion:backward(net.output, t))
print(torch.type(x), torch.type(y), f > 0, net:type(), torch.randn(2):type('torch.CudaTensor'):type())
local many = nn.DataParallelTable(1):add(net, {1, 2}):cuda()
print(torch.type(many), (many:forward(x) - net:forward(x)):abs():max())
cutorch.synchronize()
local conv = cudnn.SpatialConvolution(3, 4, 3, 3):cuda():fastest()
print(conv, torch.isTypeOf(conv, 'nn.SpatialConvolution'), conv:forward(torch.CudaTensor(1, 3, 5, 5):fill(1)):size(4))
print(cudnn.SpatialConvolution(4, 6, 3, 3, 1, 1, 1, 1, 2), torch.type(cudnn.LSTM(3, 4, 1)), cudnn.none)
cudnn.convert(net, nn)
print(net:get(2), net:float():get(1).weight:type())
local memory = torch.CudaTensor(torch.CudaStorage(1), 1, 0):resize(2):fill(3)
torch.manualSeed(4)
local state, first = cutorch.getRNGState(), torch.uniform()
cutorch.setRNGState(state)
print(memory:sum(), torch.uniform() == first, cutorch.initialSeed(), cutorch.deviceReset(), cutorch.getStream())
"""
PRINTED = """1	1	true
nn.Sequential {
  [input -> (1) -> (2) -> (3) -> output]
  (1): nn.Linear(4 -> 3)
  (2): cudnn.ReLU
  (3): cudnn.LogSoftMax
}
torch.FloatTensor	torch.FloatTensor	true	torch.CudaTensor	torch.FloatTensor
nn.DataParallelTable	0
cudnn.SpatialConvolution(3 -> 4, 3x3)	true	3
cudnn.SpatialConvolution(4 -> 6, 3x3, 1,1, 1,1) in 2 groups	cudnn.LSTM	nil
nn.ReLU	torch.FloatTensor
6	true	4	nil	0
"""


def run(program, folder, *arguments):
    (folder / "program.lua").write_text(program)
    command = [sys.executable, "-m", "torch7", "run", "program.lua", *arguments]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, capture_output=True, cwd=folder, env=environment, check=False)
    done.stdout, done.stderr = done.stdout.decode(), done.stderr.decode()
    return done


@pytest.mark.skipif(cutorch.getDeviceCount() > 0, reason="a GPU is here")
def test_a_program_for_gpus_runs_in_memory(tmp_path):
    done = run(PROGRAM, tmp_path)
    assert done.stderr == "torch7 run: no GPU here: tensors of CUDA are kept in memory, cuda() is float()\n"
    assert done.stdout == PRINTED and done.returncode == 0


def test_a_programs_own_file_goes_before_a_service(tmp_path):
    (tmp_path / "display.lua").write_text("return {mine = 3}")
    (tmp_path / "lib").mkdir()
    (tmp_path / "lib" / "class.lua").write_text("return function() return 'own' end")
    done = run("package.path = 'lib/?.lua;' .. package.path print(require 'display'.mine, require 'class'())", tmp_path)
    assert done.stdout == "3\town\n" and done.stderr == ""


def test_the_bar_is_torchs_text(tmp_path):
    done = run("xlua.progress(1, 2) xlua.progress(2, 2) io.write('end')", tmp_path)
    first, second = done.stdout.split("\r")
    assert first.startswith(f" [{'=' * 37}>{'.' * 39}] ") and first.endswith(" 1/2 ") and "ETA: " in first
    assert second.startswith(f" [{'=' * 76}>] ") and second.endswith(" 2/2 \nend") and done.stderr == ""


def test_options_that_are_wrong_end_the_program(tmp_path):
    program = "local o = require 'lapp'[[\n -n,--number (default 3) how many\n]] print(o.number)"
    for words, status, said in ((["-n", "5"], 0, "5\n"), (["--what"], 1, ""), (["-h"], 0, " -n,--number")):
        done = run(program, tmp_path, *words)
        assert done.returncode == status and said in done.stdout, words
        assert ("program.lua: unknown parameter: what" in done.stderr) == (status == 1)


@pytest.mark.skipif(cutorch.getDeviceCount() > 0, reason="a GPU is here")
def test_cunn_brings_cutorch_and_is_refused_with_fbcunn(tmp_path):
    program = "print(pcall(require, 'fbcunn') == false, cutorch) require 'cunn' print(cutorch.getDevice())"
    assert run(program, tmp_path).stdout == "true\tnil\n1\n"
