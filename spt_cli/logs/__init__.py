"""Logs of runs: which there are, and what they say."""
