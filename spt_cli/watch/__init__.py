"""What somebody watches: what happened, and what a screen shows of it."""
