"""Modules of this folder, of the recordings and of the other process tests are imported by their plain names."""

import sys
from pathlib import Path

HERE = Path(__file__).parent

sys.path[:0] = [str(HERE), str(HERE.parent / "conformance"), str(HERE.parent / "support")]
