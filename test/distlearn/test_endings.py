"""However a node ends, all end, with a message, and no process stays."""

import sys
from types import SimpleNamespace

import pytest

from distlearn import ending

ENDINGS = {
    "exception": ["node 2 of 2 ends the run", "OSError: the disk of node 2 is full"],
    "sys.exit": ["node 2: the end of the program", "node 1: sumGradients"],
    "early end": ["node 2: the end of the program", "node 1: sumGradients"],
    "kill": ["signal 9"],
    "another method": ["node 1: sumGradients; node 2: scatter"],
    "other sizes": ["sumGradients: tensor 1 differs: node 1: 10 float64; node 2: 2x5 float64"],
    "another type": ["sumGradients: tensor 1 differs: node 1: 10 float64; node 2: 10 float32"],
    "transposed": ["sumGradients: node 1: 1 tensors; node 2: 2 tensors"],
    "another setting": ["compression None", "compression float16"],
    "backward": ["went on", "gradients were under way"],
}


@pytest.mark.parametrize("way", ENDINGS)
def test_all_nodes_end_with_a_message(mpirun, way):
    code, printed = mpirun(2, "endings.py", way)
    assert code != 0
    for message in ENDINGS[way]:
        assert message in printed, printed


@pytest.mark.parametrize("way", ["exception", "exception mpi", "sys.exit", "end mpi"])
def test_an_end_before_the_first_tree(mpirun, way):
    code, printed = mpirun(2, "before.py", *way.split())
    assert code != 0
    message = "OSError: node 2 has no data" if "exc" in way else "nodes have ended before the others made a tree"
    assert message in printed, printed


@pytest.mark.parametrize("way", ["nobody", "children"])
def test_processes_without_a_tree(mpirun, way):
    assert mpirun(2, "before.py", way) == (0, "")


def test_a_run_that_ends_well_says_nothing(mpirun, tmp_path):
    program = tmp_path / "well.py"
    program.write_text("import distlearn\ntree = distlearn.Tree()\nassert tree.allReduce(1)[1] == 2\n")
    assert mpirun(2, program) == (0, "")


def test_trees_of_one_run_end_together(mpirun, tmp_path):
    program = tmp_path / "three.py"
    program.write_text(
        "import distlearn\nfrom mpi4py import MPI\ntrees = [distlearn.Tree() for _ in range(9)]\n"
        "if MPI.COMM_WORLD.rank:\n    trees.reverse()\n    del trees[:3]\n"
        "distlearn.Tree(MPI.COMM_WORLD.Split(MPI.COMM_WORLD.rank // 2))\n"
    )
    assert mpirun(3, program) == (0, "")


def test_processes_that_stay_are_found(mpirun, tmp_path):
    program = tmp_path / "sleep.py"
    program.write_text("import time\ntime.sleep(600)\n")
    with pytest.raises(AssertionError, match="ran for 2 seconds"):
        mpirun(2, program, limit=2)


class Pieces(list):
    """A stream that keeps what is written to it, piece by piece."""

    write = list.append

    def flush(self):
        pass


def test_an_exception_is_written_in_one_piece(monkeypatch):
    """The launcher prints its own words between two pieces."""
    monkeypatch.setattr(ending, "world", lambda: SimpleNamespace(rank=1, size=2))
    monkeypatch.setattr(ending, "abort", lambda: None)
    monkeypatch.setattr(ending, "_before", sys.__excepthook__)
    monkeypatch.setattr(sys, "stderr", pieces := Pieces())
    try:
        raise OSError("node 2 has no data")
    except OSError as error:
        ending.end(OSError, error, error.__traceback__)
    assert len(pieces) == 1, pieces
    assert pieces[0].startswith("\nnode 2 of 2 ends the run:\nTraceback") and "OSError: node 2 has no data" in pieces[0]
