"""Bar times, sessions and holidays."""
