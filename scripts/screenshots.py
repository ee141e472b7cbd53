"""Make the README's three pictures from the demonstration: ``python scripts/screenshots.py [FOLDER]``.

They are the inbox of somebody who is asked, a case, and the page to decide on it, as a telephone shows them. FOLDER is
``docs/images`` if it is left out. It needs Chromium and Playwright, as the tests of the pages do.
"""

import shutil
import socket
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

from demo import CASES, POLICIES, ROOT, make_cases, serves, until
from playwright.sync_api import BrowserContext, sync_playwright

FOLDER = ROOT / "docs/images"
CHROMIUM = ("chromium", "chromium-browser", "google-chrome")
SHOWN = "Mill Lane bridge, refurbishment"
READER = "ruth"
SIZE = {"width": 420, "height": 760}
SCALE = 1.25


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
    return port


def take(folder: Path, base: str, case_id: str) -> list[Path]:
    """Take the pictures of a running demonstration."""
    pages = {"inbox": "/inbox", "case": f"/proposals/{case_id}", "decide": f"/proposals/{case_id}/decide"}
    made = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=_chromium(), args=["--no-sandbox"])
        context = browser.new_context(viewport=SIZE, device_scale_factor=SCALE, color_scheme="light", locale="en-GB")  # type: ignore[arg-type]
        _sign_in(context, base)
        for name, path in pages.items():
            page = context.new_page()
            page.goto(base + path)
            made.append(folder / f"{name}.png")
            page.screenshot(path=made[-1])
        browser.close()
    return made


def _chromium() -> str:
    found = next(filter(None, map(shutil.which, CHROMIUM)), None)
    if found is None:
        sys.exit("There is no Chromium (Debian: apt-get install chromium).")
    return found


def _sign_in(context: BrowserContext, base: str) -> None:
    context.request.post(f"{base}/sign-in", form={"person": READER})


def main(folder: Path) -> None:
    """Run a demonstration of its own, and take the pictures."""
    folder.mkdir(parents=True, exist_ok=True)
    port = free_port()
    base = f"http://localhost:{port}"
    with tempfile.TemporaryDirectory() as state:
        run = [sys.executable, str(ROOT / "scripts/run_locally.py"), "--policies", POLICIES, "--port", str(port)]
        host = subprocess.Popen([*run, "--state", state, "--movable-time", "--quiet"], text=True)  # noqa: S603 - ours
        try:
            until(lambda: serves(base, host), "the host answers")
            ids = dict(zip((case.title for case in CASES), make_cases(base), strict=True))
            for path in take(folder, base, ids[SHOWN]):
                sys.stdout.write(f"{path}\n")
        finally:
            host.terminate()
            host.wait()


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER)
