"""What loading the app costs beside loading the bare Durable SDK: CPU, time and memory, each in fresh processes.

    python bench/startup.py [--runs 9] [--app DIR] [--python PATH] [--policies FILE]

All are measured in turns, so that a busy machine slows each; the median of each counts. CPU is what to compare on a
machine that does something else as well. With ``--policies`` the app is also loaded with that policy file.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
MEASURE = """
import json, resource, sys, time
sys.path.insert(0, {app!r})
began, cpu = time.perf_counter(), time.process_time()
import {module}
taken = time.process_time() - cpu, time.perf_counter() - began
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1 << 20 if sys.platform == "darwin" else 1 << 10)
print(json.dumps([*taken, peak]))
"""


def main() -> None:
    """Measure, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=9)
    parser.add_argument("--app", type=Path, default=ROOT)
    parser.add_argument("--python", default=sys.executable)
    parser.add_argument("--policies", metavar="FILE", help="from the app's folder")
    given = parser.parse_args()
    plain = {name: value for name, value in os.environ.items() if name != "APPROVAL_POLICIES"}
    what = {
        "the bare SDK": ("azure.durable_functions", plain),
        "the app": ("function_app", plain),
        "without patterns": ("function_app", plain | {"PATTERNS": "off"}),
    }
    if given.policies:
        what["with policies"] = ("function_app", plain | {"APPROVAL_POLICIES": given.policies})
    found: dict[str, list[tuple[float, float, float]]] = {name: [] for name in what}
    for _ in range(given.runs + 1):
        for name, (module, environ) in what.items():
            code = MEASURE.format(app=str(given.app.resolve()), module=module)
            command = [given.python, "-I", "-c", code]
            found[name].append(json.loads(subprocess.check_output(command, cwd=given.app, env=environ)))
    first = None
    for name, runs in found.items():
        cpu, seconds, peak = (
            statistics.median(column) for column in zip(*runs[1:], strict=True)
        )  # the first fills caches
        first = first or (cpu, seconds, peak)
        times = f"{cpu / first[0]:.2f}, {seconds / first[1]:.2f} and {peak / first[2]:.2f} times the SDK's"
        print(f"{name:17} {cpu:.3f} s CPU  {seconds:.3f} s  {peak:5.1f} MB  {times}")


if __name__ == "__main__":
    main()
