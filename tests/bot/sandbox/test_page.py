"""The channel in a real browser: typed, seen, pressed; people's text stays text; no request leaves the machine."""

from __future__ import annotations

import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright
from slack_sdk import WebClient

from bot.sandbox import Sandbox

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine")
PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de"
    "0000000c49444154789c63f8ffff3f0005fe02fe0def46b80000000049454e44ae426082"
)


def plain(text: str) -> dict[str, str]:
    return {"type": "plain_text", "text": text}


def cell(text: str) -> dict[str, str]:
    return {"type": "raw_text", "text": text}


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-background-networking"]
        )
        yield browser
        browser.close()


@pytest.fixture
def page(browser: Browser, sandbox: Sandbox) -> Iterator[Page]:
    page = browser.new_page(viewport={"width": 1280, "height": 860})
    wrong: list[str] = []
    page.on("console", lambda message: wrong.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("request", lambda request: None if request.url.startswith(sandbox.url) else wrong.append(request.url))
    page.goto(f"{sandbox.url}/?as=ada#C0RESULTS1")
    yield page
    page.close()
    assert wrong == []


def test_what_is_typed_is_posted_and_answers_appear(sandbox: Sandbox, client: WebClient, page: Page) -> None:
    page.get_by_label("Message", exact=True).fill("91 % & <b>more</b>")
    page.keyboard.press("Enter")
    expect(page.locator(".message .text")).to_have_text("91 % & <b>more</b>")
    (message,) = sandbox.messages("results")
    assert (message["user"], message["text"]) == ("U0ADA00001", "91 % &amp; &lt;b&gt;more&lt;/b&gt;")
    client.chat_postMessage(channel="results", thread_ts=message["ts"], text="Not accepted: *no run*.")
    expect(page.locator(".thread strong").last).to_have_text("no run")


def test_peoples_text_never_becomes_markup(sandbox: Sandbox, client: WebClient, page: Page) -> None:
    evil = '<img src=x onerror="document.title=1"><script>document.title=1</script>'
    sandbox.post("ben", "results", evil)
    rich = {"type": "rich_text_section", "elements": [{"type": "text", "text": evil}]}
    client.chat_postMessage(
        channel="results",
        text=evil,
        blocks=[
            {"type": "header", "text": plain(evil)},
            {"type": "section", "text": {"type": "mrkdwn", "text": evil}},
            {"type": "markdown", "text": f"# {evil}\n[x](javascript:document.title=1)"},
            {"type": "rich_text", "elements": [rich, {"type": "rich_text_preformatted", "elements": rich["elements"]}]},
            {"type": "table", "rows": [[cell(evil)]]},
        ],
        attachments=[{"title": evil, "title_link": "javascript:document.title=1", "text": evil}],
    )
    expect(page.locator(".unfurl")).to_contain_text("onerror")
    assert page.locator("#log img, #log script").count() == 0
    assert page.locator("a[href^='javascript']").count() == 0
    expect(page).to_have_title("#results · Slack stand-in")


def test_whispers_are_for_one_and_people_can_be_switched(sandbox: Sandbox, client: WebClient, page: Page) -> None:
    client.chat_postEphemeral(channel="results", user="U0ADA00001", text="between us")
    expect(page.get_by_text("Only visible to you")).to_be_visible()
    page.get_by_role("button", name="Ben Sørensen").click()
    expect(page.get_by_text("Only visible to you")).to_have_count(0)
    page.get_by_label("Message", exact=True).fill("as ben")
    page.keyboard.press("Enter")
    assert sandbox.wait_until(lambda: sandbox.messages("results"))
    assert sandbox.messages("results")[0]["user"] == "U0BEN00001"


def test_own_posts_are_edited_and_deleted(sandbox: Sandbox, page: Page) -> None:
    sandbox.post("ada", "results", "90 %, see https://x.org")
    box = page.get_by_label("Message", exact=True)
    expect(page.locator(".message")).to_have_count(1)
    box.press("ArrowUp")
    editor = page.get_by_label("Edit the message")
    expect(editor).to_have_value("90 %, see https://x.org")
    editor.fill("91 %")
    editor.press("Enter")
    expect(page.locator(".edited")).to_be_visible()
    page.locator(".message").hover()
    page.get_by_label("Delete").click()
    expect(page.locator(".message")).to_have_count(0)
    assert sandbox.messages("results") == []


def test_a_reply_being_typed_survives_what_arrives_meanwhile(sandbox: Sandbox, client: WebClient, page: Page) -> None:
    ts = sandbox.post("ben", "results", "90 %")
    page.locator(".message").hover()
    page.get_by_label("Reply in thread").click()
    box = page.get_by_role("textbox", name="Reply in thread")
    box.fill("half a sen")
    client.chat_postMessage(channel="results", thread_ts=ts, text="the app was quicker")
    expect(page.locator(".replies")).to_contain_text("quicker")
    expect(box).to_have_value("half a sen")
    box.press("Enter")
    assert sandbox.wait_until(lambda: len(sandbox.thread("results", ts)) == 2)


def test_the_command_is_offered_as_it_is_typed(sandbox: Sandbox, page: Page) -> None:
    box = page.get_by_label("Message", exact=True)
    box.fill("/results co")
    expect(page.get_by_role("option")).to_have_count(1)
    box.press("Tab")
    expect(box).to_have_value("/results compare ")
    box.press("Enter")
    expect(page.locator(".whisper")).to_contain_text("dispatch_failed")


def test_pictures_tables_buttons_and_homes_are_drawn(sandbox: Sandbox, client: WebClient, page: Page) -> None:
    file_id = client.files_upload_v2(content=PNG, filename="chart.png")["file"]["id"]
    assert sandbox.wait_until(lambda: client.files_info(file=file_id)["file"]["mimetype"])
    names = [cell("run"), cell("acc")]
    rows = [[cell(f"r{n}"), {"type": "raw_number", "value": 9 - n, "text": f"{9 - n}"}] for n in range(4)]
    pie = {"type": "pie", "segments": [{"label": "a", "value": 1}]}
    client.chat_postMessage(
        channel="results",
        text="all",
        blocks=[
            {"type": "image", "slack_file": {"id": file_id}, "alt_text": "a chart of runs"},
            {"type": "data_table", "caption": "Board", "rows": [names, *rows], "page_size": 3},
            {"type": "actions", "elements": [{"type": "button", "action_id": "more", "text": plain("More")}]},
            {"type": "data_visualization", "title": "t", "chart": pie},
        ],
    )
    expect(page.get_by_alt_text("a chart of runs")).to_be_visible()
    assert page.get_by_alt_text("a chart of runs").evaluate("image => image.complete && image.naturalWidth") == 1
    page.get_by_role("button", name="acc").click()
    expect(page.locator("tbody tr").first).to_have_text("r36")
    page.get_by_label("Next page").click()
    expect(page.locator("tbody tr")).to_have_count(1)
    expect(page.locator(".unknown pre")).to_contain_text('"segments"')
    page.get_by_role("button", name="More").click()
    assert sandbox.wait_until(lambda: sandbox.recorded("ask"))
    home = {"type": "home", "blocks": [{"type": "header", "text": plain("Your runs")}]}
    client.views_publish(user_id="U0ADA00001", view=home)
    page.get_by_role("button", name="Runcite", exact=True).click()
    expect(page.locator("#home h3")).to_have_text("Your runs")


@pytest.mark.parametrize("width", [390, 1280])
def test_it_fits_the_screen_and_says_what_it_is(sandbox: Sandbox, client: WebClient, page: Page, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    client.chat_postMessage(channel="results", text="x" * 3000)
    expect(page.locator(".message")).to_have_count(1)
    assert page.evaluate("document.documentElement.scrollWidth") == width
    assert page.evaluate("document.getElementById('log').scrollWidth") <= width
    expect(page.locator(".honest:visible").first).to_contain_text("stand-in")
