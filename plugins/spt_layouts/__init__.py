"""Log layouts that come with spt: plain, Hydra, submitit, Slurm. Reached through entry points only."""
