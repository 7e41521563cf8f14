"""A config, run: decided, simulated twice, checked and measured."""
