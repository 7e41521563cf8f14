"""What these tests share: a small study of its own files, and the command line run in this process."""

from tests.support.projects import apart
from tests.support.studies import folder, raisecash

__all__ = ["apart", "folder", "raisecash"]
