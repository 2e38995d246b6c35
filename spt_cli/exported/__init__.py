"""Exported reports: their form as JSON, and reading them back as a root of runs."""
