"""Benchmarks: `make bench`. Each figure stands beside a named peer measured in the same run on the same machine."""
