"""What these tests share: a small study of its own files."""

from tests.support.studies import folder

__all__ = ["folder"]
