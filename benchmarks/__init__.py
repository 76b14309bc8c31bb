"""Workloads timed side by side with the peers: ``python -m benchmarks``, or ``python -m benchmarks.tiny`` for one."""
