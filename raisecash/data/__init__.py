"""What happened: series read, checked and aligned into a `Market`."""
