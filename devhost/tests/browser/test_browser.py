"""The pages in Chromium, at the width of a phone and of a desk.

``SCREENSHOTS=folder`` keeps a picture of each page at each width.
"""

import asyncio
import base64
import json
import os
import re
import shutil
import signal
import subprocess
import threading
from contextlib import suppress
from itertools import count
from pathlib import Path

import aiohttp
import pytest
from pages_host import Running, gallery_of, of

KEEP = os.environ.get("SCREENSHOTS")
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)

pytestmark = pytest.mark.skipif(
    CHROMIUM is None, reason="there is no Chromium to look at the pages with (Debian: apt-get install chromium)"
)


@pytest.fixture
def host(tmp_path):
    """A host of this test, in virtual time."""
    running = Running(tmp_path / "state", "--virtual-time")
    yield running
    running.close()


class Browser:
    """A page in Chromium, driven over its own protocol."""

    def __init__(self, socket):
        self._socket, self._numbers = socket, count(1)
        self.complaints = []

    async def call(self, method, **params):
        """One command, answered."""
        number = next(self._numbers)
        await self._socket.send_json({"id": number, "method": method, "params": params})
        return await self._until(lambda message: message.get("id") == number)

    async def open(self, url, width):
        """A page at this width, loaded."""
        await self.call(
            "Emulation.setDeviceMetricsOverride", width=width, height=800, deviceScaleFactor=1, mobile=width < 600
        )
        await self._socket.send_json({"id": next(self._numbers), "method": "Page.navigate", "params": {"url": url}})
        await self._until(lambda message: message.get("method") == "Page.loadEventFired")

    async def run(self, script):
        """The value of a script, awaited if it is a promise."""
        answer = await self.call("Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True)
        assert "exceptionDetails" not in answer["result"], answer
        return answer["result"]["result"].get("value")

    async def keep(self, name):
        """A picture of the page, where pictures are wanted."""
        if KEEP:
            answer = await self.call("Page.captureScreenshot", captureBeyondViewport=True)
            await asyncio.to_thread(Path(KEEP, f"{name}.png").write_bytes, base64.b64decode(answer["result"]["data"]))

    async def press(self, key, code):
        """A key, down and up."""
        for kind in ("rawKeyDown", "keyUp"):
            await self.call("Input.dispatchKeyEvent", type=kind, key=key, code=key, windowsVirtualKeyCode=code)

    async def _until(self, wanted):
        while True:
            message = json.loads((await asyncio.wait_for(self._socket.receive(), 20)).data)
            if message.get("method") in ("Log.entryAdded", "Runtime.exceptionThrown", "Runtime.consoleAPICalled"):
                self.complaints.append(message["params"])
            if wanted(message):
                return message


@pytest.fixture
def chromium(tmp_path):
    """The address of a browser's own protocol."""
    command = [
        CHROMIUM, "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
        "--remote-debugging-port=0", f"--user-data-dir={tmp_path / 'profile'}", "about:blank",
    ]  # fmt: skip
    process = subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, encoding="utf-8",
        env={**os.environ, "HOME": str(tmp_path)}, start_new_session=True,
    )  # fmt: skip
    ports = (re.search(r"ws://127\.0\.0\.1:(\d+)/", line) for line in process.stderr)
    port = next((found[1] for found in ports if found), None)
    drain = threading.Thread(target=process.stderr.read)
    drain.start()
    try:
        assert port, "chromium did not start"
        yield f"http://127.0.0.1:{port}"
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait(20)
        drain.join(20)
        process.stderr.close()


OVERFLOW = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
# Comes true when the page shows this status, without being loaded again: `mark` is still there.
SHOWS = """new Promise((done) => {
  window.mark = window.mark || "the same page";
  const look = () => {
    const text = document.querySelector("[data-status]").textContent;
    if (text === %s) { seen.disconnect(); done(window.mark); }
  };
  const seen = new MutationObserver(look);
  seen.observe(document.body, { subtree: true, childList: true, characterData: true });
  look();
})"""


def test_the_pages_fit_a_phone_and_a_desk_and_are_used_by_keyboard(host, chromium):
    """Nothing is wider than the page, nothing complains; Tab shows where one is; news arrive, and typed text stays."""
    gallery = gallery_of(host)
    host.start("Echo", {"message": "w" * 400}, "i" * 90)
    case = host.start("Approve")
    here = f"http://localhost:{host.port}/devhost"

    async def story():
        async with aiohttp.ClientSession() as session:
            async with session.get(f"{chromium}/json") as answer:
                pages = [one for one in await answer.json() if one["type"] == "page"]
            async with session.ws_connect(pages[0]["webSocketDebuggerUrl"], max_msg_size=0) as socket:
                browser = Browser(socket)
                for domain in ("Page", "Log", "Runtime"):
                    await browser.call(f"{domain}.enable")
                shown = {"list": "", "nothing": "?q=nowhere", **{name: of(one) for name, one in gallery.items()}}
                for name, path in (shown | {"entity": of("@counter@c"), "wide": of("i" * 90)}).items():
                    for width in (360, 1280):
                        await browser.open(f"{here}{path}", width)
                        await browser.keep(f"{name}-{width}")
                        assert await browser.run(OVERFLOW) == 0, (path, width)
                await by_keyboard(browser)
                await news(browser)
                assert browser.complaints == []

    async def by_keyboard(browser):
        await browser.open(f"{here}{of(case)}", 1280)
        walked = []
        for _ in range(40):
            await browser.press("Tab", 9)
            walked.append(
                await browser.run(
                    "[document.activeElement.id || document.activeElement.textContent.trim().slice(0, 40), "
                    "document.activeElement === document.body || getComputedStyle(document.activeElement).outlineStyle]"
                )
            )
        names = [name for name, _ in walked]
        assert names[:2] == ["Skip to the content", "devhost"]
        assert {"live", "by", "Advance", "event", "data", "Raise", "Terminate"} <= set(names)
        assert [name for name, outline in walked if outline == "none"] == []

    async def news(browser):
        await browser.open(f"{here}{of(case)}", 360)
        await browser.run("document.getElementById('data').value = '\"my draft'; window.mark = 'the same page'")
        await asyncio.to_thread(host.act, case, "suspend", reason="x")
        await asyncio.to_thread(host.settle)
        assert await browser.run(SHOWS % '"Suspended"') == "the same page"
        assert await browser.run("document.getElementById('data').value") == '"my draft'
        assert await browser.run("document.getElementById('said').textContent") == "Status: Suspended"
        await browser.run("document.getElementById('live').click()")
        assert await browser.run("document.getElementById('live').textContent") == "Paused"

    asyncio.run(story())
