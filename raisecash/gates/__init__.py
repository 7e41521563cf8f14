"""Bounds that a study must keep, and the verdict on each."""
