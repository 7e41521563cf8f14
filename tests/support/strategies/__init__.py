"""Strategies to test with: honest ones, planted cheats and faults, plain backtrader ones, planned weights."""
