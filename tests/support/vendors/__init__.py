"""Stand-ins for vendors: servers that send their bytes, and caches of what they answered."""
