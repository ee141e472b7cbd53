"""Where the app lies."""

from pathlib import Path

ROOT = Path(__file__).parents[2]
