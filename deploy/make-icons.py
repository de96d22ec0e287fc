"""Draws the staff page's icons from icon.svg with Chromium, once: python deploy/make-icons.py. What it makes is committed."""

import shutil
from pathlib import Path

from playwright.sync_api import sync_playwright

STATIC = Path(__file__).parent.parent / "concierge" / "web" / "static"
ICON = (STATIC / "icon.svg").read_text()
WHOLE = ICON.replace(' rx="16"', "")
"""Without its round corners, where the system cuts its own: on an iPhone, and a maskable one, which may lose a fifth at each side."""
MASKABLE = WHOLE.replace('"0 0 64 64"', '"-8 -8 80 80"').replace(
    '<rect width="64" height="64"', '<rect x="-8" y="-8" width="80" height="80"'
)

with sync_playwright() as tool:
    browser = tool.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
    for name, px, drawing in (("192", 192, ICON), ("512", 512, ICON), ("180", 180, WHOLE), ("maskable", 512, MASKABLE)):
        page = browser.new_page(viewport={"width": px, "height": px})
        page.set_content(f"<style>body{{margin:0}}svg{{display:block;width:{px}px;height:{px}px}}</style>{drawing}")
        page.screenshot(path=STATIC / f"icon-{name}.png", omit_background=True)
    browser.close()
