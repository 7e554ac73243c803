"""Benchmarks of levelset beside its peers, in one run."""
