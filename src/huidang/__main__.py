"""`python -m huidang` is `huidang`."""

import sys

from huidang.cli import main

sys.exit(main())
