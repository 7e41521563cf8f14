"""What could be luck: event studies and rate shocks."""
