"""Feed `yfinance`."""

from data_feeds.yahoo.feed import YahooFeed

__all__ = ["YahooFeed"]
