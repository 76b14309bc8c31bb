"""Every test here runs with rnn; the battery imports the tables of cases beside it."""

import sys
from pathlib import Path

import rnn  # noqa: F401

sys.path.insert(0, str(Path(__file__).parent))
