"""A Chromium for each module of browser tests (its loop must not outlive it), and the sample show on a server."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from index.encoder import Encoder
from index.library import Library
from rag.answering import Answerer
from tests.browser.watching import served

playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")

CHROMIUM = shutil.which("chromium") or "/usr/bin/chromium"


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    if not Path(CHROMIUM).exists():
        if os.environ.get("CI"):
            pytest.fail("Chromium is missing, and CI must not pass without it")
        pytest.skip("Chromium is not installed")
    with playwright.sync_playwright() as driver:
        opened = driver.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield opened
        opened.close()


@pytest.fixture(scope="module")
def address(sample: Library, encoder: Encoder) -> Iterator[str]:
    with served(Answerer(sample, encoder)) as url:
        yield url
