"""Commands that prepare large data sets, run as ``python -m dataload.scripts.NAME``."""
