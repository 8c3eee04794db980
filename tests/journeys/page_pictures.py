"""Draws the README's two pictures of pages: `python -m tests.journeys.page_pictures`.

A real server over a real database, seen in Chromium; its runs are made up here, always the same ones.
"""

from __future__ import annotations

import io
import math
import sys
import tempfile
from pathlib import Path
from random import Random
from typing import Any

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

from tests.journeys.pictures import CHROMIUM, FLAGS, PICTURES
from tests.tracker.server.conftest import House
from tracker.events import DatasetLogged

SETTINGS = (
    ("ada", "adam", 0.001, 0.912, 3),
    ("grace", "adam", 0.0003, 0.904, 3),
    ("linus", "adamw", 0.003, 0.907, 3),
    ("mei", "sgd", 0.1, 0.896, 3),
    ("tomas", "sgd", 0.03, 0.881, 2),
    ("ada", "rmsprop", 0.001, 0.872, 1),
)
SWEPT = 120
DIGITS = DatasetLogged("digits", "ab" * 32, 1_437_392)
LARGEST = 200_000
"""Bytes of a picture in the README."""


def curve(rng: Random, end: float, count: int) -> list[float]:
    """A learning curve that ends near `end`."""
    return [round(end - (end - 0.1) * math.exp(-5 * at / count) + rng.gauss(0, 0.004), 4) for at in range(count)]


def fill(house: Any, rng: Random) -> None:
    """A project with replicates, and one with a sweep."""
    for handle, optimizer, lr, best, seeds in SETTINGS:
        with house.client(house.token(handle)) as client:
            for seed in range(1, seeds + 1):
                house.now += 900_000_000
                house.run(
                    client,
                    name=f"{optimizer} at {lr}",
                    config={"optimizer": optimizer, "lr": lr, "parameters": 27_818},
                    seed=seed,
                    values={"val/accuracy": curve(rng, best + rng.gauss(0, 0.003), 60)},
                    artifacts=[DIGITS],
                    tags=("baseline",) if optimizer == "rmsprop" else (),
                )
    with house.client(house.token("mei")) as client:
        for _ in range(SWEPT // 40):
            house.send(client, *(house.batch(project="sweep", **_tried(rng)) for _ in range(40)))


def _tried(rng: Random) -> dict[str, Any]:
    lr, dropout, depth = 10 ** rng.uniform(-4, -1), rng.uniform(0, 0.5), rng.choice([1, 2, 3, 4])
    optimizer = rng.choice(["adam", "adamw", "sgd"])
    value = 0.93 - 0.035 * abs(math.log10(lr) + 2.7) - 0.25 * (dropout - 0.2) ** 2 + 0.006 * depth
    value += rng.gauss(0, 0.004) - 0.012 * (optimizer == "sgd")
    config = {"lr": float(f"{lr:.3g}"), "dropout": round(dropout, 2), "depth": depth, "optimizer": optimizer}
    return {"config": config | {"batch": rng.choice([32, 64, 128])}, "values": {"val/accuracy": [round(value, 4)]}}


def taken(page: Page) -> bytes:
    """The page as a PNG of few colours, small enough for a README.

    Raises:
        ValueError: it is too large all the same.
    """
    shot = Image.open(io.BytesIO(page.screenshot(full_page=True, animations="disabled"))).convert("RGB")
    small = io.BytesIO()
    shot.quantize(32, dither=Image.Dither.NONE).save(small, "PNG", optimize=True)
    if len(small.getvalue()) > LARGEST:
        raise ValueError(f"{len(small.getvalue()):,} bytes are too many for the README")
    return small.getvalue()


def draw(house: Any, browser: Browser) -> None:
    """The board, and the sweep with what moved the metric."""
    page = browser.new_page(viewport={"width": 1160, "height": 760}, base_url=house.url)
    page.goto("/projects/milestone-1/board")
    page.wait_for_selector(".live.on")
    (PICTURES / "board.png").write_bytes(taken(page))
    page.goto("/projects/sweep/sweep")
    page.wait_for_selector("#importance:not([data-fetch])", timeout=120_000)
    page.wait_for_selector(".sweep[data-drawn]")
    page.wait_for_timeout(500)
    (PICTURES / "sweep.png").write_bytes(taken(page))


def main() -> int:
    """Draws both beside the deploy guide."""
    house = House(Path(tempfile.mkdtemp(prefix="runcite-pages-"))).start(require_login=False)
    try:
        fill(house, Random(8))
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
            draw(house, browser)
            browser.close()
    finally:
        house.stop()
    sys.stdout.write(f"{PICTURES}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
