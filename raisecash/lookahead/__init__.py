"""Deciding again without the future, and with a false one."""
