"""``python -m bizlab.cli``."""

import sys

from bizlab.cli.main import main

sys.exit(main())
