"""The modules of this folder import each other by plain names, as they do when the driver is run alone."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
