"""Take the picture of the page that README and docs show, and write into it which page it is of.

    .venv/bin/chartgate check --report=html=report.html      # of a chart with a few mistakes
    PYTHONPATH=. .venv/bin/python bench/report_picture.py report.html docs/report.png

The picture is that of a browser 1280 pixels wide, with the first finding open. The test of it
(tests/engine/reports/test_report_picture.py)
compares what is written into it with the page as it is now, and so says when it is time for another one.
"""

from __future__ import annotations

import importlib
import shutil
import sys
from pathlib import Path
from typing import Any

from tests.engine.reports.test_report_picture import page_digest, with_text

_SIZE = {"width": 1280, "height": 1080}


def main() -> int:
    """Take it."""
    report, picture = map(Path, sys.argv[1:])
    playwright: Any = importlib.import_module("playwright.sync_api")
    with playwright.sync_playwright() as started:
        browser = started.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        page = browser.new_context(viewport=_SIZE).new_page()
        page.goto(report.resolve().as_uri())
        page.locator("[role=option]").first.click()
        picture.write_bytes(with_text(page.screenshot(), page_digest()))
        browser.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
