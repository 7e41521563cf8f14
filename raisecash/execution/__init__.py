"""The terms of trade: costs, rebalancing, and what a table of weights must be."""
