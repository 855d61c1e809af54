"""What the widget weighs and how soon it can be used, measured in a real Chromium: `python -m tests.weights`.

Prints the table of docs/embed.md: bytes and requests on the wire, compressed, and the time from the click
until the question box has the focus. Times are of this machine; the network is the loopback.
"""

import statistics
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from playwright.sync_api import sync_playwright

from index import ingest
from index.embedding import load_encoder
from index.library import Library
from index.sources import sources_of
from rag.answering import Answerer
from tests.browser.conftest import CHROMIUM
from tests.browser.watching import served

SAMPLE = Path(__file__).parent.parent / "index" / "sample"
ROUNDS = 5


class _Wire:
    """What a page takes from the network, as its browser counts it."""

    def __init__(self, page: Any) -> None:
        self.bytes, self.requests = 0, 0
        session = page.context.new_cdp_session(page)
        session.send("Network.enable")
        session.on("Network.loadingFinished", self._finished)

    def _finished(self, event: dict[str, Any]) -> None:
        self.requests += 1
        self.bytes += int(event["encodedDataLength"])


def _measured(browser: Any, use: Callable[[Any], float]) -> tuple[float, int, float]:
    """Kilobytes and requests of one visit with an empty cache, and the median milliseconds of several."""
    wires, times = [], []
    for _ in range(ROUNDS):
        context = browser.new_context()
        page = context.new_page()
        wires.append(_Wire(page))
        times.append(use(page))
        context.close()
    return wires[-1].bytes / 1024, wires[-1].requests, statistics.median(times)


def main() -> None:
    """Serve the sample show, measure, and print the table."""
    encoder = load_encoder(threads=1)
    with tempfile.TemporaryDirectory() as folder:
        library = Library.open(Path(folder) / "library", create=True)
        list(ingest.add(library, sources_of(str(SAMPLE)), lambda: encoder))
        with served(Answerer(library, encoder)) as address, sync_playwright() as driver:
            browser = driver.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])

            def launcher(page: Any) -> float:
                page.goto("about:blank")
                page.route("**/host", lambda route: route.fulfill(content_type="text/html", body=_HOST))
                page.goto(f"{address}/host")
                page.locator(".launch").wait_for()
                return float(page.evaluate("performance.now()"))

            def opened(page: Any) -> float:
                launcher(page)
                page.evaluate(_CLICK)
                page.frame_locator("iframe").locator("#question:focus").wait_for()
                return float(
                    page.evaluate("new Promise((done) => (window.usable ? done(usable) : (tell = done)))")
                )

            def embed(page: Any) -> float:
                page.goto(f"{address}/embed")
                page.locator("#question:focus").wait_for()
                return float(page.evaluate("performance.now()"))

            def chat(page: Any) -> float:
                page.goto(address)
                page.locator("#or-box textarea").wait_for()
                return float(page.evaluate("performance.now()"))

            sys.stdout.write("| what | on the wire | requests | until it can be used |\n|---|---|---|---|\n")
            for name, use in (
                ("a host page with the launcher", launcher),
                ("the same, opened", opened),
                ("the chat in the frame alone", embed),
                ("the Gradio chat", chat),
            ):
                kilobytes, requests, ms = _measured(browser, use)
                sys.stdout.write(f"| {name} | {kilobytes:.1f} KB | {requests} | {ms:.0f} ms |\n")
            browser.close()


_HOST = "<!doctype html><title>A show</title><script src=/widget.js async></script>"
_CLICK = """() => {
  const clicked = performance.now();
  window.tell = (ms) => { window.usable = ms };
  addEventListener("message", ({ data }) => data.onrecord === "ready" && tell(performance.now() - clicked));
  document.querySelector("body > div").shadowRoot.querySelector(".launch").click();
}"""

if __name__ == "__main__":
    main()
