"""Feed `sample`."""

from data_feeds.sample.feed import SampleFeed

__all__ = ["SampleFeed"]
