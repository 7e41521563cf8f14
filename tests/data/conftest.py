"""What these tests share: an empty cache, and a folder to write files into."""

from tests.support.vendors.caches import empty_cache, write

__all__ = ["empty_cache", "write"]
