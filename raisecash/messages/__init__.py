"""How things are said to people."""
