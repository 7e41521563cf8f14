"""What these tests share: an empty cache, a folder to write files into, and a clock that can stand still."""

from tests.support.vendors.caches import empty_cache, write
from tests.support.vendors.daily_candles import frozen_now

__all__ = ["empty_cache", "frozen_now", "write"]
