"""Uploads in three steps, with Slack's gap between the answer and the processing."""

from __future__ import annotations

import urllib.request

import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from bot.sandbox import Sandbox

PNG = b"\x89PNG\r\n\x1a\n" + bytes(32)


def image(file_id: str) -> list[dict[str, object]]:
    return [{"type": "image", "slack_file": {"id": file_id}, "alt_text": "a chart"}]


def test_an_upload_is_answered_before_it_is_processed(sandbox: Sandbox, client: WebClient) -> None:
    done = client.files_upload_v2(content=PNG, filename="chart.png", title="Chart")
    file_id = done["file"]["id"]
    assert (done["file"]["mimetype"], done["file"]["shares"]) == ("", {})
    with pytest.raises(SlackApiError, match="invalid_blocks") as early:
        client.chat_postMessage(channel="results", text="x", blocks=image(file_id))
    assert "json-pointer:/blocks/0/slack_file/id" in early.value.response["errors"][0]
    assert sandbox.wait_until(lambda: client.files_info(file=file_id)["file"]["mimetype"] == "image/png")
    client.chat_postMessage(channel="results", text="x", blocks=image(file_id))


def test_a_shared_upload_posts_a_message_with_the_file(sandbox: Sandbox, client: WebClient) -> None:
    ts = sandbox.post("ada", "results", "parent")
    done = client.files_upload_v2(
        content=PNG, filename="chart.png", channel="C0RESULTS1", thread_ts=ts, initial_comment="see"
    )
    assert sandbox.wait_until(lambda: sandbox.thread("results", ts))
    (reply,) = sandbox.thread("results", ts)
    assert (reply["subtype"], reply["text"], reply["files"][0]["id"]) == ("file_share", "see", done["file"]["id"])
    shares = client.files_info(file=done["file"]["id"])["file"]["shares"]["public"]
    assert shares["C0RESULTS1"][0]["ts"] == reply["ts"]


def test_a_file_completes_once_and_with_all_its_bytes(sandbox: Sandbox, client: WebClient) -> None:
    url = client.files_getUploadURLExternal(filename="a.png", length=len(PNG))
    files = [{"id": url["file_id"], "title": "a"}]
    with pytest.raises(SlackApiError, match="file_not_found"):
        client.files_completeUploadExternal(files=files)
    with pytest.raises(OSError, match="400"):
        urllib.request.urlopen(url["upload_url"], data=PNG[:-1])
    with urllib.request.urlopen(url["upload_url"], data=PNG) as answer:
        assert answer.read() == f"OK - {len(PNG)}".encode()
    client.files_completeUploadExternal(files=files)
    with pytest.raises(SlackApiError, match="file_not_found"):
        client.files_completeUploadExternal(files=files)


def test_an_upload_with_alt_text_is_silently_never_shared(sandbox: Sandbox, client: WebClient) -> None:
    done = client.files_upload_v2(content=PNG, filename="a.png", alt_txt="a chart", channel="C0RESULTS1")
    assert sandbox.wait_until(lambda: client.files_info(file=done["file"]["id"])["file"]["mimetype"])
    assert not sandbox.wait_until(lambda: sandbox.messages("results"), timeout=0.4)


def test_a_files_bytes_need_a_token(sandbox: Sandbox, client: WebClient) -> None:
    url = client.files_upload_v2(content=PNG, filename="a.png")["file"]["url_private"]
    with urllib.request.urlopen(url) as answer:
        assert answer.headers["content-type"].startswith("text/html")
    request = urllib.request.Request(url, headers={"authorization": f"Bearer {sandbox.bot_token}"})
    with urllib.request.urlopen(request) as answer:
        assert answer.read() == PNG


def test_a_deleted_file_is_gone(client: WebClient) -> None:
    file_id = client.files_upload_v2(content=PNG, filename="a.png")["file"]["id"]
    client.files_delete(file=file_id)
    with pytest.raises(SlackApiError, match="file_not_found"):
        client.files_info(file=file_id)
