"""What these tests share: a small study of its own files, and the command line run in this process."""

from tests.support.projects import apart
from tests.support.studies import folder, raisecash
from tests.support.vendors.two_vendors import cache_here, config, vendors

__all__ = ["apart", "cache_here", "config", "folder", "raisecash", "vendors"]
