"""The list of all runs in a folder."""
