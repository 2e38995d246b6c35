"""`python -m spt_cli` is `spt`."""

import sys

from spt_cli.commands import main

sys.exit(main())
