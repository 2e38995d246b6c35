"""Benchmarks as ratios: each line measures spt and the peer, or a physical limit, interleaved in one run."""
