"""Feed `ccxt`."""

from data_feeds.crypto.feed import CryptoFeed

__all__ = ["CryptoFeed"]
