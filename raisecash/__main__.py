"""`python -m raisecash`: the command line, as `raisecash` runs it."""

import sys
from pathlib import Path

from raisecash.plugins import HERE

# Python looks in the current folder first, where any file may have the name of a library or of one of our own
# folders. A project is found by its config, and put behind everything installed.
if not sys.flags.safe_path and HERE != Path.cwd() == Path(sys.path[0]).resolve():
    del sys.path[0]

from raisecash.cli.main import main  # only now

if __name__ == "__main__":
    sys.exit(main())
