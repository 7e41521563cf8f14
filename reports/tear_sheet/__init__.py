"""Tear sheets: one strategy in detail."""
