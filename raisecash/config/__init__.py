"""One TOML file as frozen, checked values."""
