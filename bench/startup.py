"""What loading the app costs beside loading the bare Durable SDK: seconds and memory, each in fresh processes.

    python bench/startup.py [--runs 9] [--app DIR] [--python PATH]

Both are measured in turns, so that a busy machine slows both; the median of each counts.
"""

import argparse
import json
import statistics
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
MEASURE = """
import json, resource, sys, time
sys.path.insert(0, {app!r})
began = time.perf_counter()
import {module}
taken = time.perf_counter() - began
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1 << 20 if sys.platform == "darwin" else 1 << 10)
print(json.dumps([taken, peak]))
"""
WHAT = {"the bare SDK": "azure.durable_functions", "the app": "function_app"}


def main() -> None:
    """Measure, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=9)
    parser.add_argument("--app", type=Path, default=ROOT)
    parser.add_argument("--python", default=sys.executable)
    given = parser.parse_args()
    found: dict[str, list[tuple[float, float]]] = {name: [] for name in WHAT}
    for _ in range(given.runs + 1):
        for name, module in WHAT.items():
            code = MEASURE.format(app=str(given.app.resolve()), module=module)
            found[name].append(json.loads(subprocess.check_output([given.python, "-I", "-c", code], cwd=given.app)))
    first = None
    for name, runs in found.items():
        seconds, peak = (statistics.median(column) for column in zip(*runs[1:], strict=True))  # the first fills caches
        first = first or (seconds, peak)
        times = f"{seconds / first[0]:.2f} and {peak / first[1]:.2f} times the SDK's"
        print(f"{name:14} {seconds:.3f} s  {peak:5.1f} MB  {times}")


if __name__ == "__main__":
    main()
