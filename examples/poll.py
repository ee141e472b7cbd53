"""A tiny client of a long-running operation: start it, follow the links, print what comes out.

    python examples/poll.py http://localhost:7071 AsyncHttpApi '{"seconds": 2}'

It looks when the host says so (Retry-After), or every so many seconds: ``--every 1``.
"""  # noqa: INP001 - a script, not a package

import argparse
import json
import sys
import time
import urllib.error
import urllib.request
from typing import Any


def ask(url: str, body: str | None = None) -> tuple[int, dict[str, str], Any]:
    """Status, headers and JSON body; a POST if there is a body to send. A refusal ends the program with its text."""
    data = None if body is None else body.encode()
    request = urllib.request.Request(url, data, {"Content-Type": "application/json"} if data else {})  # noqa: S310
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310 - the caller's own address
            return answer.status, dict(answer.headers), json.load(answer)
    except urllib.error.HTTPError as error:
        sys.exit(error.read().decode())


def main() -> int:
    """Exit code 0 if the operation completed, 1 if it ended in another way."""
    parser = argparse.ArgumentParser(description="Starts an orchestration and polls until it is over.")
    parser.add_argument("host", help="for example http://localhost:7071")
    parser.add_argument("name", help="of the orchestration")
    parser.add_argument("body", nargs="?", default="", help="its input, as JSON")
    parser.add_argument("--every", type=float, help="seconds between two looks, instead of what the host asks for")
    given = parser.parse_args()
    code, headers, links = ask(f"{given.host}/api/orchestrators/{given.name}", given.body)
    while code == 202:  # noqa: PLR2004 - 202 is the whole protocol: not yet, ask again at the link
        time.sleep(given.every or float(headers.get("Retry-After", "5")))
        code, headers, status = ask(links["statusQueryGetUri"])
    completed = status["runtimeStatus"] == "Completed"
    sys.stdout.write(json.dumps(status["output"], ensure_ascii=False) + "\n")
    return 0 if completed else 1


if __name__ == "__main__":
    sys.exit(main())
