"""What a run saw of a live series, kept: entries, their merging, and what is told of it."""
