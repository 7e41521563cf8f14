"""A table of weights becomes an account, twice, and the two are held against each other."""
