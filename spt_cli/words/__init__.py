"""Text that people type and read: numbers, sizes, durations, times."""
