"""Reads jobs, a line of JSON each, forks a child that runs the program of the job, and prints its exit status."""

import importlib
import json
import os
import runpy
import sys
import traceback


def run(job):
    """Run ``-m MODULE ARGUMENTS`` or ``FILE ARGUMENTS`` as a new interpreter does; ends the process."""
    os.chdir(job["folder"])
    for number, path in zip((0, 1, 2), (os.devnull, *job["files"])):
        os.dup2(os.open(path, os.O_RDONLY if number == 0 else os.O_WRONLY | os.O_CREAT | os.O_TRUNC), number)
    os.environ.clear()
    os.environ.update(job["environment"])
    code = 0
    try:
        first, *others = job["arguments"]
        if first == "-m":
            sys.path[0], sys.argv = job["folder"], others
            runpy.run_module(others[0], run_name="__main__", alter_sys=True)
        else:
            sys.path[0], sys.argv = os.path.dirname(os.path.abspath(first)), [first, *others]
            runpy.run_path(first, run_name="__main__")
    except SystemExit as error:
        code = error.code if isinstance(error.code, int) else int(error.code is not None)
        if isinstance(error.code, str):
            print(error.code, file=sys.stderr)
    except BaseException:
        traceback.print_exc()
        code = 1
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


def load():
    """Load what most programs use, the kernels of common layers too: that takes longer than many programs do."""
    torch, nn, _, _ = map(importlib.import_module, ("torch7", "nn", "luahost.program", "lupa"))
    x, label = torch.ones(2, 2), torch.Tensor([1, 2])
    net = nn.Sequential().add(nn.Linear(2, 3)).add(nn.Tanh()).add(nn.Linear(3, 2)).add(nn.LogSoftMax())
    for criterion, target in ((nn.ClassNLLCriterion(), label), (nn.MSECriterion(), x)):
        criterion.forward(net.forward(x), target)
        net.backward(x, criterion.backward(net.output, target))
    for module in (nn.ReLU(), nn.Sigmoid(), nn.SoftMax()):
        module.backward(x, module.forward(x))
    nn.LookupTable(2, 2).forward(label)
    net.updateParameters(0.1)
    torch.randn(2), torch.rand(2), torch.randperm(2), torch.cat([x, x]), torch.sum(x, 1)
    torch.generator.current().manualSeed(1).seeded = False  # programs without a seed draw the same at every run


def main():
    load()
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            run(json.loads(line))
        print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)


if __name__ == "__main__":
    main()
