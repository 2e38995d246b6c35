"""Files that others write, too: open only what is meant, replace in one step, keep what cost time."""
