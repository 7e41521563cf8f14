"""A run's folder: written whole or not at all, and what it was made from."""
