"""Trees of runs: sidecars to snapshots, snapshots to changes, and people's edits."""
