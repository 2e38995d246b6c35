"""Tests of spt: one file a module."""
