"""The guard tools in their short form; each runs alone with any number of jobs, see the files."""

import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent
#: Jobs of each tool: some of every generator; the hostile values are too many for every test, every so many are taken.
RUNS = {
    "configurations": ["random_configurations.py", "430"],
    "constructors": ["constructors.py", "1500"],
    "inputs without elements": ["empty.py"],
    "fields": ["hostile.py", "--step", "421"],
    "byte order": ["hostile.py", "--only", "= big-endian"],
}


@pytest.mark.slow
@pytest.mark.parametrize("run", RUNS)
def test_no_findings(run):
    script, *arguments = RUNS[run]
    done = subprocess.run([sys.executable, HERE / script, *arguments], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout[-5000:] + done.stderr[-2000:]


OUT_OF_BOUNDS = """
import ctypes, resource, sys
resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
sys.path[:0] = [{here!r}, {root!r}]
import guard, numpy as np
guard.install("end")
x = np.zeros(5)
ctypes.c_double.from_address(x.ctypes.data + 8 * int(sys.argv[1]))
print(ctypes.c_double.from_address(x.ctypes.data + 8 * int(sys.argv[1])).value)
"""


@pytest.mark.slow
def test_one_element_out_of_bounds_ends_the_process():
    sys.path.insert(0, str(HERE))
    from guard import compiler

    if compiler() is None:
        return  # nothing to prove where nothing is compiled
    text = OUT_OF_BOUNDS.format(here=str(HERE), root=str(HERE.parents[1]))
    codes = [subprocess.run([sys.executable, "-c", text, place], capture_output=True).returncode for place in "45"]
    assert codes[0] == 0
    assert codes[1] < 0
