"""Every test here runs with nnx; the battery imports the tables of cases beside it."""

import sys
from pathlib import Path

import nnx  # noqa: F401

sys.path.insert(0, str(Path(__file__).parent))
