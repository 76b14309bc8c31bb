"""Node 2 ends in a way of its own before the first tree: ``before.py WAY [mpi]``, with MPI started by then or not."""

import multiprocessing
import os
import subprocess
import sys

import distlearn

if __name__ == "__main__":
    way = sys.argv[1]
    if "mpi" in sys.argv:
        from mpi4py import MPI  # noqa: F401
    second = os.environ["OMPI_COMM_WORLD_RANK"] == "1"
    if way == "nobody":
        sys.exit()
    if way == "children":  # of a node, which are none themselves
        subprocess.run([sys.executable, "-c", "import distlearn"], check=True)
        child = multiprocessing.get_context("spawn").Process(target=len, args=("",))
        child.start()
        child.join()
        assert child.exitcode == 0
    if way == "exception" and second:
        raise OSError("node 2 has no data")
    if way == "sys.exit" and second:
        sys.exit(3)
    if way == "end" and second:
        sys.exit()
    distlearn.Tree()
