"""What happened: prices, yields and events, aligned into a `Market`."""

from data_feeds.market import Market

__all__ = ["Market"]
