"""What these tests share: a small study of its own files, and the command line run in this process."""

from tests.support.studies import folder, raisecash

__all__ = ["folder", "raisecash"]
