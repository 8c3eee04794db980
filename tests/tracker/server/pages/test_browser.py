"""Every page in a real browser, on a desktop and a phone: no error, no request that leaves this machine."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tests.tracker.server.conftest import House
from tracker.events import ArtifactLogged, Event, Tagged
from tracker.server.auth import login_link
from tracker.server.words import CHINESE

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
HOSTILE = "<img src=x onerror=alert(1)> <!channel> \u202eevil {{7*7}}"
SIZES = {"desktop": (1280, 900), "phone": (375, 760)}
# The smallest PNG there is: one transparent pixel.
PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c63000100000500010d0a2db4"
    "0000000049454e44ae426082"
)


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    if CHROMIUM is None:
        if os.environ.get("RUNCITE_STRICT") == "1":
            pytest.fail("Chromium is missing.")
        pytest.skip("Chromium is missing.")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-background-networking"]
        )
        yield browser
        browser.close()


@pytest.fixture
def full(house: Any) -> tuple[Any, dict[str, str]]:
    """A server with a project that has everything, names that bite included; and its addresses."""
    house.start(require_login=False)
    with house.client() as client:
        digest = hashlib.sha256(PIXEL).hexdigest()
        client.put(f"/api/v1/blobs/{digest}", content=PIXEL)
        picture = ArtifactLogged("out/plot.png", digest, len(PIXEL), media_type="image/png")
        runs = [
            house.run(client, name=HOSTILE, seed=1, artifacts=[picture], note=HOSTILE, tags=(HOSTILE[:20],)),
            house.run(client, seed=2),
            house.run(client, seed=3, config={"lr": 0.1, "optimizer": HOSTILE}),
            house.run(client, end="failed", config={"lr": 9.0}, values={"val/accuracy": [0.1], HOSTILE: [1.0]}),
            house.run(client, end=None, seed=5),
            house.run(client, project=HOSTILE),
        ]
    paths = {
        "projects": "/",
        "runs": "/projects/milestone-1",
        "columns": "/projects/milestone-1?column=metric.train/loss&column=config.optimizer&column=started",
        "board": "/projects/milestone-1/board",
        "filtered": "/projects/milestone-1/board?seeds=1&badge=self-reported",
        "sweep": "/projects/milestone-1/sweep",
        "run": f"/runs/{runs[0]}",
        "failed": f"/runs/{runs[3]}",
        "running": f"/runs/{runs[4]}",
        "compare": f"/compare?runs={','.join(runs[:4])}",
        "choose": "/compare",
        "artifact": f"/artifacts/{runs[0]}/out/plot.png",
        "importance": "/projects/milestone-1/sweep/importance",
        "embedded": "/projects/milestone-1/board?embed=1",
        "statistics": "/statistics",
        "docs": "/docs",
    }
    return house, paths


class Watched:
    """A page, and what went wrong on it."""

    def __init__(self, browser: Browser, base: str, size: str, **options: Any) -> None:
        width, height = SIZES[size]
        self.context = browser.new_context(viewport={"width": width, "height": height}, base_url=base, **options)
        self.page: Page = self.context.new_page()
        self.faults: list[str] = []
        self.page.on("console", lambda said: self._note(said.type, said.text) if said.type == "error" else None)
        self.page.on("pageerror", lambda error: self._note("page", str(error)))
        self.page.on("dialog", lambda dialog: self._note("dialog", dialog.message))
        self.page.on("request", lambda sent: self._asked(base, sent.url))

    def _note(self, kind: str, text: str) -> None:
        self.faults.append(f"{kind}: {text}")

    def _asked(self, base: str, url: str) -> None:
        if not url.startswith((f"{base}/", "data:", "blob:")):
            self._note("left the machine", url)

    def draw(self) -> int:
        """Scroll through the curves until each is drawn; how many there are."""
        figures = self.page.query_selector_all("figure.chart")
        for figure in figures:
            figure.scroll_into_view_if_needed()
        self.page.wait_for_selector("figure.chart:not([data-drawn='yes'])", state="detached", timeout=20_000)
        return len(figures)


@pytest.mark.parametrize("size", SIZES)
def test_every_page_is_sound(chromium: Browser, full: tuple[Any, dict[str, str]], size: str) -> None:
    house, paths = full
    watched = Watched(chromium, house.url, size)
    page = watched.page
    for name, path in paths.items():
        answer = page.goto(path)
        assert answer is not None and answer.status == 200, name
        curves = watched.draw()
        assert curves == {"run": 2, "running": 2, "compare": 2}.get(name, 0), name
        assert page.evaluate("document.documentElement.scrollWidth") <= SIZES[size][0], f"{name} is too wide"
        if name == "sweep":
            page.wait_for_selector(".sweep[data-drawn]", timeout=20_000)
            page.wait_for_selector("#importance:not([data-fetch])", timeout=60_000)
        assert page.query_selector("h1") is not None, name
        keep(page, f"{name}-{size}")
        assert page.query_selector("img[src=x]") is None, name
        assert faults_for_everybody(page) == [], name
    assert watched.faults == []
    watched.context.close()


def keep(page: Page, name: str) -> None:
    """The page as a picture beside the checkout, for people to look at; git does not take it."""
    folder = Path(__file__).parents[4] / "test-artifacts" / "pages"
    folder.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=folder / f"{name}.png", full_page=True, animations="disabled")


def faults_for_everybody(page: Page) -> list[str]:
    """What a screen reader, a keyboard or weak eyes would stumble over: names, headings, order of focus, contrast."""
    script = """() => {
        const bad = [], all = (what) => [...document.querySelectorAll(what)], shown = (each) => each.checkVisibility();
        const named = (each) => each.getAttribute("aria-label") || each.textContent.trim() || each.hasAttribute("alt")
            || (each.labels && each.labels.length);
        const tell = (what, each) => bad.push(`${what}: ${each.outerHTML}`);
        const spoken = "input:not([type=hidden]), select, button, a, img, summary, [role=img], [role=log]";
        for (const each of all(spoken)) if (!named(each)) tell("no name", each);
        const ids = all("[id]").map((each) => each.id);
        for (const id of new Set(ids)) if (ids.indexOf(id) !== ids.lastIndexOf(id)) bad.push("id twice: " + id);
        for (const each of all("[aria-describedby], label[for]"))
            if (!ids.includes(each.getAttribute("aria-describedby") ?? each.htmlFor)) tell("points nowhere", each);
        if (all("main").length !== 1 || all("h1").length !== 1) bad.push("not one main and one h1");
        let before = 0;
        for (const each of all("h1, h2, h3, h4").filter(shown)) {
            const level = Number(each.tagName[1]);
            if (level > before + 1) bad.push(`h${level} behind h${before}: ${each.textContent}`);
            before = level;
        }
        for (const each of all("[tabindex]")) if (each.tabIndex > 0) tell("jumps the queue", each);
        const wide = (each) => shown(each) && each.scrollWidth > each.clientWidth + 1;
        for (const each of all(".scroll, pre").filter(wide)) if (each.tabIndex < 0) tell("no key scrolls it", each);
        for (const each of all("thead th")) if (!each.scope.startsWith("col")) tell("a head of no scope", each);
        if (!document.documentElement.lang || !document.title) bad.push("no language or title");
        return bad;
    }"""
    found = page.evaluate(script)
    assert isinstance(found, list)
    return [*found, *low_contrast(page)]


def test_what_people_typed_stays_text(chromium: Browser, full: tuple[Any, dict[str, str]]) -> None:
    house, paths = full
    watched = Watched(chromium, house.url, "desktop")
    watched.page.goto(paths["run"])
    assert HOSTILE.split(" \u202e")[0] in watched.page.inner_text("main")
    assert "{{7*7}}" in watched.page.inner_text("main")
    watched.page.goto("/")
    watched.page.get_by_role("link", name="<img src=x").click()
    assert "<img src=x onerror=alert(1)>" in watched.page.inner_text("h1")
    assert watched.faults == []


def test_searching_sorting_and_choosing(chromium: Browser, full: tuple[Any, dict[str, str]]) -> None:
    house, paths = full
    watched = Watched(chromium, house.url, "desktop")
    page = watched.page
    page.goto(paths["runs"])
    assert page.locator("tbody tr").count() == 5
    page.get_by_label("Show runs where").fill("config.lr > 0.05")
    page.keyboard.press("Enter")
    page.wait_for_url("**where=*")
    assert page.locator("tbody tr").count() == 2
    page.get_by_text("Columns").click()
    page.get_by_label("train/loss").check()
    page.get_by_role("button", name="Show these").click()
    page.wait_for_url("**column=metric.train*")
    assert page.locator("thead th").all_inner_texts()[2:] == ["val/accuracy", "train/loss"]
    page.get_by_role("link", name="val/accuracy").click()
    assert page.locator("th[aria-sort]").count() == 1
    assert page.get_by_label("Show runs where").input_value() == "config.lr > 0.05"
    for box in page.locator("tbody input[type=checkbox]").all():
        box.check()
    page.get_by_role("button", name="Compare chosen").click()
    assert page.locator("thead .id").count() == 2
    assert watched.faults == []
    page.goto(paths["runs"] + "?where=nonsense%20%3D%3D")
    assert page.get_by_role("alert").is_visible()
    assert page.get_by_label("Show runs where").get_attribute("aria-invalid") == "true"


def test_a_running_run_is_followed(chromium: Browser, house: Any) -> None:
    house.start(require_login=False)
    batch = house.batch(end=None)
    with house.client() as client:
        house.send(client, batch)
        watched = Watched(chromium, house.url, "desktop")
        watched.page.goto(f"/runs/{batch.run_id}")
        assert watched.page.locator("h1 + .chips .state.running, .chips .state.running").count() == 1
        whole = house.ended(batch)
        assert house.send(client, whole)[0].state == "held"
        watched.page.wait_for_selector(".chips .state.finished", timeout=15_000)
        assert watched.faults == []


@pytest.mark.parametrize(
    ("locale", "heading", "scheme"), [("zh-CN", "项目", "dark"), ("en-GB", "Projects", "light")], ids=["zh", "en"]
)
def test_language_and_colours_follow_the_reader(
    chromium: Browser, full: tuple[Any, dict[str, str]], locale: str, heading: str, scheme: Any
) -> None:
    house, paths = full
    watched = Watched(chromium, house.url, "phone", locale=locale, color_scheme=scheme)
    watched.page.goto("/")
    assert watched.page.inner_text("h1") == heading
    for name in ("runs", "filtered", "failed", "compare", "sweep", "artifact", "statistics", "choose"):
        watched.page.goto(paths[name])
        assert low_contrast(watched.page) == [], name
        assert locale != "zh-CN" or english_left(watched.page) == [], name
        keep(watched.page, f"{name}-phone-{locale}-{scheme}")
    assert watched.faults == []


def english_left(page: Page) -> list[str]:
    """Phrases of the catalogue, and sentences in English, that stand on a Chinese page outside data and code."""
    script = """() => [...document.querySelectorAll("body *")].filter((each) => each.checkVisibility()
        && !each.closest("[lang=en], code, pre, .id, .own-words, .name, option, cite, .formula, .plot, td, h1"))
        .flatMap((each) => [...each.childNodes].filter((node) => node.nodeType === 3))
        .map((node) => node.textContent.trim()).filter(Boolean)"""
    texts = page.evaluate(script)
    words = "[A-Za-z][a-z]+ [a-z]+ [a-z]+"
    return [text for text in texts if (text in CHINESE and CHINESE[text] != text) or re.search(words, text)]


def test_the_keyboard_reaches_everything_in_order(chromium: Browser, full: tuple[Any, dict[str, str]]) -> None:
    house, paths = full
    watched = Watched(chromium, house.url, "desktop")
    page = watched.page
    page.goto(paths["runs"])
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    seen = []
    for _ in range(60):
        page.keyboard.press("Tab")
        seen.append(page.evaluate("document.activeElement.name || document.activeElement.textContent.trim()"))
    inside = [each for each in seen if each in ("Sweep", "where", "Search", "Columns", "Compare chosen", "runs")]
    assert list(dict.fromkeys(inside)) == ["Sweep", "where", "Search", "Columns", "Compare chosen", "runs"]
    for place in (0, 1):
        page.locator("tbody input[type=checkbox]").nth(place).focus()
        page.keyboard.press("Space")
    page.get_by_role("button", name="Compare chosen").focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/compare?runs=*runs=*")
    assert watched.faults == []
    watched.context.close()


def test_a_board_is_printed_without_what_only_a_screen_needs(
    chromium: Browser, full: tuple[Any, dict[str, str]], tmp_path: Path
) -> None:
    house, paths = full
    watched = Watched(chromium, house.url, "desktop", color_scheme="dark")
    watched.page.goto(paths["board"])
    watched.page.emulate_media(media="print")
    for gone in ("header.top", "footer", ".tabs", ".filter", ".hint", ".live"):
        assert not watched.page.locator(gone).first.is_visible(), gone
    watched.page.set_viewport_size({"width": 688, "height": 1000})  # A4 between its margins
    rows = [watched.page.locator("table.board tr").nth(at).bounding_box() for at in (0, 1)]
    assert all(box is not None and box["height"] < 60 for box in rows) and watched.page.locator(".printed").is_visible()
    assert watched.page.evaluate("document.documentElement.scrollWidth") <= 688
    assert watched.page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert low_contrast(watched.page) == []
    printed = watched.page.pdf(path=Path(__file__).parents[4] / "test-artifacts" / "pages" / "board.pdf", format="A4")
    assert printed.startswith(b"%PDF") and watched.faults == []
    watched.context.close()


def low_contrast(page: Page) -> list[str]:
    """Texts whose contrast with what is behind them is under 4.5 to 1 (WCAG 2.2, 1.4.3)."""
    script = """() => {
        const parts = (text) => text.match(/[\\d.]+/g).map(Number);
        const channel = (value) => (value /= 255) <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
        const light = ([r, g, b]) => 0.2126 * channel(r) + 0.7152 * channel(g) + 0.0722 * channel(b);
        const behind = (each) => {
            for (; each; each = each.parentElement) {
                const colour = parts(getComputedStyle(each).backgroundColor);
                if (colour.length < 4 || colour[3] > 0.99) return colour;
            }
            return [255, 255, 255];
        };
        const low = [];
        for (const each of document.querySelectorAll("main *, header *")) {
            const own = [...each.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim());
            if (!own || !each.checkVisibility() || each.closest("svg")) continue;
            const [a, b] = [light(parts(getComputedStyle(each).color)), light(behind(each))];
            const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
            if (ratio < 4.5) low.push(`${ratio.toFixed(2)} ${each.className} ${each.textContent.trim().slice(0, 40)}`);
        }
        return low;
    }"""
    found = page.evaluate(script)
    assert isinstance(found, list)
    return found


def test_the_door_opens_and_closes(chromium: Browser, house: Any) -> None:
    house.start()
    token = house.token("ada")
    watched = Watched(chromium, house.url, "phone")
    page = watched.page
    page.goto("/projects/milestone-1")
    page.get_by_label("Your token").fill("rc_wrong")
    page.get_by_role("button", name="Log in").click()
    assert page.get_by_role("alert").is_visible()
    page.get_by_label("Your token").fill(token)
    page.get_by_role("button", name="Log in").click()
    page.wait_for_url("**/projects/milestone-1")
    page.goto("/")
    assert page.locator(".person").inner_text() == "ada"
    page.get_by_role("button", name="Log out").click()
    page.wait_for_url("**/login")
    page.goto("/")
    assert page.url.endswith("/login?next=%2F")


def test_only_a_board_may_be_framed(chromium: Browser, full: tuple[Any, dict[str, str]], tmp_path: Path) -> None:
    house, paths = full
    with house.client() as client:
        for path, frames in ((paths["board"], "'none'"), (paths["board"] + "?embed=1", "*"), (paths["run"], "'none'")):
            assert client.get(path).headers["content-security-policy"].endswith(f"frame-ancestors {frames}")
    watched = Watched(chromium, house.url, "phone")
    watched.page.goto(paths["board"] + "?embed=1")
    assert watched.page.locator("header.top, form").count() == 0
    assert watched.page.locator("table.board").is_visible()


def test_a_run_s_events_arrive_while_it_is_looked_at(chromium: Browser, house: Any) -> None:
    house.start(require_login=False)
    batch = house.batch(end=None)
    with house.client() as client:
        house.send(client, batch)
        watched = Watched(chromium, house.url, "desktop")
        watched.page.goto(f"/runs/{batch.run_id}")
        watched.page.wait_for_selector(".live.on")
        assert watched.page.locator("ol.trace li").count() == len(batch.events)
        number = len(batch.events) + 1
        said = Event(number, house.now, number * 100, Tagged(("<i>new</i>",)))
        house.send(client, msgspec.structs.replace(batch, events=(said,), columns=()))
        watched.page.wait_for_selector("ol.trace li.fresh")
        assert "+<i>new</i>" in watched.page.locator("ol.trace li").last.inner_text()
    assert watched.faults == []


def test_a_board_renews_itself(chromium: Browser, full: tuple[Any, dict[str, str]]) -> None:
    house, paths = full
    watched = Watched(chromium, house.url, "desktop")
    watched.page.goto(paths["board"])
    before = watched.page.locator("table.board tbody tr").count()
    with house.client() as client:
        house.run(client, config={"lr": 0.5}, values={"val/accuracy": [0.999]}, name="the new one")
    watched.page.wait_for_selector("text=the new one", timeout=30_000)
    assert watched.page.locator("table.board tbody tr").count() == before + 1
    assert watched.faults == []


def test_a_log_in_link_and_a_link_of_other_clients_lead_in(
    chromium: Browser, full: tuple[Any, dict[str, str]], tmp_path: Path
) -> None:
    open_house, paths = full
    watched = Watched(chromium, open_house.url, "phone")
    watched.page.goto(f"/#/experiments/3{paths['run']}")
    watched.page.wait_for_url(f"**{paths['run']}")
    house = House(tmp_path / "locked").start()
    try:
        house.token("ada")
        inside = Watched(chromium, house.url, "phone")
        inside.page.goto(login_link(house.context.db, house.url, "ada", now=house.now))
        assert not inside.page.get_by_label("Your token").is_visible() and "rl_" not in inside.page.url
        inside.page.keyboard.press("Enter")
        inside.page.wait_for_selector(".person")
        assert inside.page.locator(".person").inner_text() == "ada"
        inside.page.get_by_role("link", name="中文").click()
        inside.page.wait_for_selector("html[lang=zh]")
        assert inside.faults == [] and watched.faults == []
    finally:
        house.stop()


def test_many_points_are_a_band_and_are_all_there_when_looked_into(chromium: Browser, house: Any) -> None:
    house.start(require_login=False)
    values = [float(i % 7) for i in range(200_000)]
    values[123_456] = 99.0
    with house.client() as client:
        run_id = house.run(client, values={"val/accuracy": values})
    watched = Watched(chromium, house.url, "desktop")
    watched.page.goto(f"/runs/{run_id}?smooth=0.5")
    watched.draw()
    greatest = "(figure) => Math.max(...figure.data.flatMap((trace) => trace.y.filter((value) => value !== null)))"
    assert watched.page.eval_on_selector(".plot", greatest) == 99.0
    watched.page.evaluate(
        "Plotly.relayout(document.querySelector('.plot'), {'xaxis.range[0]': 123000, 'xaxis.range[1]': 123600})"
    )
    watched.page.wait_for_selector("figure.chart[data-shown='601']", timeout=20_000)
    assert watched.page.get_by_label("Smoothing").input_value() == "0.5"
    assert watched.faults == []
