"""Draws the README's pictures from the real thing: `python -m tests.journeys.pictures`.

Plays the demo, opens the channel and the pages in Chromium, and takes pictures at desktop and phone size.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright
from rich.console import Console

from bot.demo.cast import PROJECT
from bot.demo.command import perform
from bot.demo.stage import Setup, set_up

PICTURES = Path(__file__).parents[2] / "deploy" / "pictures"
CHROMIUM = "/usr/bin/chromium"
FLAGS = ["--no-sandbox", "--disable-background-networking", "--disable-component-update", "--disable-sync"]


def draw(setup: Setup, browser: Browser, folder: Path) -> None:
    """Pictures of the channel, the board and the best run, light and dark, wide and narrow, into `folder`."""
    for theme in ("light", "dark"):
        for name, width, height in (("", 1180, 1560), ("-phone", 390, 844)):
            page = browser.new_page(
                viewport={"width": width, "height": height}, color_scheme=theme, device_scale_factor=1.5
            )
            for subject, address in _subjects(setup):
                page.goto(address)
                page.wait_for_load_state("load")
                page.wait_for_timeout(1500)
                page.evaluate("document.querySelector('#scroll')?.scrollTo(0, 0)")
                page.wait_for_timeout(300)
                page.screenshot(path=folder / f"{subject}{name}-{theme}.png", full_page=subject != "exchange")
            page.close()


def _subjects(setup: Setup) -> tuple[tuple[str, str], ...]:
    return (
        ("exchange", setup.sandbox.url),
        ("board", f"{setup.url}/projects/{PROJECT}/board"),
        ("project", f"{setup.url}/projects/{PROJECT}"),
    )


def main() -> int:
    """Draws everything into `--to`, and keeps the README's picture beside the deploy guide."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--to", type=Path, default=Path(tempfile.mkdtemp(prefix="runcite-pictures-")))
    folder = parser.parse_args().to
    folder.mkdir(parents=True, exist_ok=True)
    PICTURES.mkdir(exist_ok=True)
    console = Console(file=sys.stderr)
    home = Path(tempfile.mkdtemp(prefix="runcite-demo-"))
    with set_up(home, port=0, channel_port=0, sockets=False) as setup, sync_playwright() as playwright:
        if not perform(setup, home, console):
            return 1
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        draw(setup, browser, folder)
        browser.close()
    (PICTURES / "exchange.png").write_bytes((folder / "exchange-light.png").read_bytes())
    sys.stdout.write(f"{folder}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
