#!/usr/bin/env bash
# safetensors 0.8.0: safetensors.numpy writes an array that is not C-contiguous in the order of its memory, under the
# shape that it has. Nothing is raised; the file reads back as other numbers. A transposed 2x3 array
#
#     [[0, 3], [1, 4], [2, 5]]   comes back as   [[0, 1], [2, 3], [4, 5]]
#
# and of every second column the left-out ones come back. numpy.ascontiguousarray before writing avoids it.
#
# Seen: "transposed: wrong, every second column: wrong, contiguous copy: right". This script fails once that changes.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet numpy==2.4.6 safetensors==0.8.0
"$folder/venv/bin/python" - "$folder/x.safetensors" <<'PYTHON'
import sys

import numpy as np
from safetensors.numpy import load_file, save_file

x = np.arange(6.0).reshape(2, 3)
given = {"transposed": x.T, "every second column": x[:, ::2], "contiguous copy": np.ascontiguousarray(x.T)}
save_file(given, sys.argv[1])
read = load_file(sys.argv[1])
seen = ", ".join(f"{k}: {'right' if np.array_equal(read[k], v) else 'wrong'}" for k, v in given.items())
print(seen)
assert read["transposed"].tolist() == [[0, 1], [2, 3], [4, 5]]
assert seen == "transposed: wrong, every second column: wrong, contiguous copy: right"
PYTHON
