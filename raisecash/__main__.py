"""`python -m raisecash`: the command line."""

import sys

from raisecash.cli.main import main

sys.exit(main())
