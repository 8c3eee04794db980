"""The Web API through the real SDK: what works, and how it says no."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from bot.sandbox import Sandbox
from bot.sandbox.shapes import SECOND

Call = Callable[[WebClient], Any]
DIVIDER = [{"type": "divider"}]


def refused(call: Callable[[], Any]) -> dict[str, Any]:
    with pytest.raises(SlackApiError) as error:
        call()
    return dict(error.value.response.data)


REFUSED: list[tuple[str, Call]] = [
    ("channel_not_found", lambda c: c.chat_postMessage(channel="C0NOWHERE", text="x")),
    ("channel_not_found", lambda c: c.chat_postMessage(channel="C0PRIVATE1", text="x")),
    ("no_text", lambda c: c.chat_postMessage(channel="results", text="")),
    ("thread_not_found", lambda c: c.chat_postMessage(channel="results", text="x", thread_ts="1.000000")),
    ("invalid_blocks", lambda c: c.chat_postMessage(channel="results", text="x", blocks=[{"type": "nonsense"}])),
    ("invalid_blocks_format", lambda c: c.chat_postMessage(channel="results", text="x", blocks="{")),
    ("markdown_text_conflict", lambda c: c.chat_postMessage(channel="results", text="x", markdown_text="y")),
    ("too_many_attachments", lambda c: c.chat_postMessage(channel="results", text="x", attachments=[{}] * 101)),
    ("invalid_metadata_format", lambda c: c.chat_postMessage(channel="results", text="x", metadata={"a": 1})),
    (
        "metadata_too_large",
        lambda c: c.chat_postMessage(
            channel="results", text="x", metadata={"event_type": "e", "event_payload": {"k": "v" * 9000}}
        ),
    ),
    ("message_not_found", lambda c: c.chat_update(channel="C0RESULTS1", ts="1.000000", text="x")),
    ("message_not_found", lambda c: c.chat_delete(channel="C0RESULTS1", ts="1.000000")),
    ("user_not_in_channel", lambda c: c.chat_postEphemeral(channel="results", user="U0NOBODY", text="x")),
    ("user_not_found", lambda c: c.users_info(user="U0NOBODY")),
    ("channel_not_found", lambda c: c.conversations_info(channel="C0PRIVATE1")),
    ("thread_not_found", lambda c: c.conversations_replies(channel="C0RESULTS1", ts="1.000000")),
    ("file_not_found", lambda c: c.files_info(file="F0NOTHING")),
    ("invalid_arguments", lambda c: c.files_completeUploadExternal(files=[])),
    ("invalid_cursor", lambda c: c.users_list(cursor="!")),
    ("invalid_trigger_id", lambda c: c.views_open(trigger_id="1.2.3", view={"type": "modal"})),
    ("not_allowed_token_type", lambda c: c.apps_connections_open(app_token=c.token or "")),
    ("unknown_method", lambda c: c.api_call("chat.shout")),
    ("missing_unfurls", lambda c: c.api_call("chat.unfurl", json={"channel": "results", "ts": "1.0"})),
    ("cannot_find_message", lambda c: c.chat_unfurl(channel="results", ts="1.0", unfurls={"https://a.org": {}})),
]


@pytest.fixture(scope="module")
def shared() -> Iterator[WebClient]:
    with Sandbox() as sandbox:
        yield WebClient(token=sandbox.bot_token, base_url=sandbox.api_url, retry_handlers=[])


@pytest.mark.filterwarnings("ignore:The top-level `text` argument")
@pytest.mark.parametrize(("code", "call"), REFUSED, ids=[f"{at}-{code}" for at, (code, _) in enumerate(REFUSED)])
def test_a_wrong_call_is_refused_in_slacks_words(shared: WebClient, code: str, call: Call) -> None:
    assert refused(lambda: call(shared))["error"] == code


def test_tokens_are_looked_at(sandbox: Sandbox, client: WebClient) -> None:
    other = WebClient(token="xoxb-wrong", base_url=sandbox.api_url)
    assert refused(other.auth_test)["error"] == "invalid_auth"
    assert refused(WebClient(base_url=sandbox.api_url).auth_test)["error"] == "not_authed"
    for state in ("token_revoked", "account_inactive", "token_expired"):
        sandbox.revoke(state=state)
        assert refused(client.auth_test)["error"] == state
    sandbox.restore()
    assert client.auth_test()["user_id"] == sandbox.bot_user


def test_a_missing_scope_is_named(sandbox: Sandbox, client: WebClient) -> None:
    bot = sandbox.core.tokens[sandbox.bot_token]
    bot.scopes = tuple(scope for scope in bot.scopes if scope != "chat:write")
    body = refused(lambda: client.chat_postMessage(channel="results", text="x"))
    assert (body["error"], body["needed"]) == ("missing_scope", "chat:write")
    assert "users:read" in body["provided"].split(",")


def test_a_post_is_echoed_as_it_is_stored(sandbox: Sandbox, client: WebClient) -> None:
    metadata = {"event_type": "runcite_reply", "event_payload": {"key": "k1"}}
    sent = client.chat_postMessage(channel="#results", text="a <b> & c", blocks=DIVIDER, metadata=metadata)
    assert sent["channel"] == "C0RESULTS1"
    assert sent["message"]["text"] == "a &lt;b&gt; &amp; c"
    assert sent["message"]["blocks"][0]["block_id"]
    with_metadata = client.conversations_history(channel="C0RESULTS1", include_all_metadata=True)["messages"]
    assert with_metadata[0]["metadata"] == metadata
    assert "metadata" not in client.conversations_history(channel="C0RESULTS1")["messages"][0]


def test_a_text_over_40000_characters_is_cut_with_a_warning(client: WebClient) -> None:
    sent = client.chat_postMessage(channel="results", text="x" * 40_001)
    assert (len(sent["message"]["text"]), sent["warning"]) == (40_000, "message_truncated")


def test_an_update_of_text_alone_takes_the_blocks_away_and_keeps_metadata(sandbox: Sandbox, client: WebClient) -> None:
    metadata = {"event_type": "e", "event_payload": {"key": "1"}}
    sent = client.chat_postMessage(channel="results", text="one", blocks=DIVIDER, metadata=metadata)
    client.chat_update(channel="C0RESULTS1", ts=sent["ts"], text="two")
    (message,) = sandbox.messages("results")
    assert (message["text"], message["metadata"]) == ("two", metadata)
    assert "blocks" not in message
    body = refused(lambda: client.chat_update(channel="C0RESULTS1", ts=sent["ts"], text="x" * 4001))
    assert body["error"] == "msg_too_long"


def test_an_app_touches_only_its_own_messages_and_an_admins_token_all(sandbox: Sandbox, client: WebClient) -> None:
    ts = sandbox.post("ada", "results", "mine")
    assert refused(lambda: client.chat_update(channel="C0RESULTS1", ts=ts, text="x"))["error"] == "cant_update_message"
    assert refused(lambda: client.chat_delete(channel="C0RESULTS1", ts=ts))["error"] == "cant_delete_message"
    WebClient(token=sandbox.admin_token, base_url=sandbox.api_url).chat_delete(channel="C0RESULTS1", ts=ts)
    assert sandbox.messages("results") == []


def test_an_archived_or_left_channel_takes_no_posts(sandbox: Sandbox, client: WebClient) -> None:
    sandbox.archive("results")
    assert refused(lambda: client.chat_postMessage(channel="results", text="x"))["error"] == "is_archived"
    sandbox.remove("general")
    assert refused(lambda: client.chat_postMessage(channel="general", text="x"))["error"] == "not_in_channel"


def test_reactions_are_added_once(sandbox: Sandbox, client: WebClient) -> None:
    ts = sandbox.post("ada", "results", "x")
    client.reactions_add(channel="C0RESULTS1", timestamp=ts, name="eyes")
    again = refused(lambda: client.reactions_add(channel="C0RESULTS1", timestamp=ts, name="eyes"))
    assert again["error"] == "already_reacted"
    assert sandbox.reactions("results", ts) == {"eyes": [sandbox.bot_user]}
    client.reactions_remove(channel="C0RESULTS1", timestamp=ts, name="eyes")
    gone = refused(lambda: client.reactions_remove(channel="C0RESULTS1", timestamp=ts, name="eyes"))
    assert gone["error"] == "no_reaction"
    assert (
        refused(lambda: client.reactions_add(channel="C0RESULTS1", timestamp=ts, name="E!"))["error"] == "invalid_name"
    )


def test_an_ephemeral_is_seen_by_one_and_cannot_be_changed(sandbox: Sandbox, client: WebClient) -> None:
    sent = client.chat_postEphemeral(channel="results", user="U0ADA00001", text="psst")
    assert [one["text"] for one in sandbox.ephemerals("ada", "results")] == ["psst"]
    assert sandbox.ephemerals("ben") == []
    body = refused(lambda: client.chat_update(channel="C0RESULTS1", ts=sent["message_ts"], text="x"))
    assert body["error"] == "message_not_found"


def test_history_is_read_by_pages_and_by_ts(sandbox: Sandbox, client: WebClient) -> None:
    sent = [sandbox.post("ada", "results", f"m{number}") for number in range(5)]
    sandbox.post("ben", "results", "reply", thread=sent[0])
    found, cursor = [], ""
    while True:
        page = client.conversations_history(channel="C0RESULTS1", limit=2, cursor=cursor)
        found += [message["ts"] for message in page["messages"]]
        if not page["has_more"]:
            break
        cursor = page["response_metadata"]["next_cursor"]
    assert found == sent[::-1]
    one = client.conversations_history(channel="C0RESULTS1", oldest=sent[2], latest=sent[2], inclusive=True, limit=1)
    assert [message["ts"] for message in one["messages"]] == [sent[2]]
    thread = client.conversations_replies(channel="C0RESULTS1", ts=sent[0])["messages"]
    assert [message["text"] for message in thread] == ["m0", "reply"]
    assert thread[0]["reply_count"] == 1


def test_lists_are_read_by_pages(client: WebClient) -> None:
    assert [len(page["members"]) for page in client.users_list(limit=3)] == [3, 3, 2]
    channels = client.conversations_list(types="public_channel,private_channel")["channels"]
    assert [channel["name"] for channel in channels] == ["results", "general"]


def test_an_unfurl_replaces_the_one_before(sandbox: Sandbox, client: WebClient) -> None:
    url = "https://runcite.example.org/runs/r-7K3M9QX2?a=1&b=2"
    ts = sandbox.post("ada", "results", f"look {url}")
    for text in ("one", "two"):
        block = {"type": "section", "text": {"type": "mrkdwn", "text": text}}
        client.chat_unfurl(channel="C0RESULTS1", ts=ts, unfurls={url: {"blocks": [block]}})
    (attachment,) = sandbox.messages("results")[0]["attachments"]
    assert attachment["blocks"][0]["text"]["text"] == "two"
    assert (attachment["is_app_unfurl"], attachment["app_unfurl_url"]) == (True, url)
    other = refused(lambda: client.chat_unfurl(channel="C0RESULTS1", ts=ts, unfurls={"https://a.org": {}}))
    assert other["error"] == "cannot_unfurl_url"


def test_a_home_is_published_and_guarded_by_its_hash(sandbox: Sandbox, client: WebClient) -> None:
    first = client.views_publish(user_id="U0ADA00001", view={"type": "home", "blocks": DIVIDER})["view"]
    more = {"type": "home", "blocks": DIVIDER * 2}
    client.views_publish(user_id="U0ADA00001", view=more, hash=first["hash"])
    home = sandbox.home("ada")
    assert home is not None
    assert len(home["blocks"]) == 2
    stale = refused(lambda: client.views_publish(user_id="U0ADA00001", view=more, hash=first["hash"]))
    assert stale["error"] == "hash_conflict"
    wrong = refused(lambda: client.views_publish(user_id="U0ADA00001", view={"type": "home", "blocks": DIVIDER * 101}))
    assert wrong["error"] == "invalid_arguments"
    large = {"type": "home", "blocks": DIVIDER, "private_metadata": "x" * 260_000}
    assert refused(lambda: client.views_publish(user_id="U0ADA00001", view=large))["error"] == "view_too_large"


def test_rate_limits_answer_429_with_a_time_to_wait(sandbox: Sandbox, client: WebClient) -> None:
    sandbox.core.rates.on = True
    for _ in range(3):
        client.chat_postMessage(channel="results", text="burst")
    with pytest.raises(SlackApiError) as error:
        client.chat_postMessage(channel="results", text="too much")
    assert error.value.response.status_code == 429
    assert error.value.response.headers["Retry-After"] == "1"
    assert error.value.response["error"] == "ratelimited"
    client.chat_postMessage(channel="general", text="elsewhere")
    assert len(sandbox.messages("results")) == 3


def test_a_tier_counts_calls_in_a_minute() -> None:
    now = [0]
    sandbox = Sandbox(clock=lambda: now[0], rate_limits=True)
    rates = sandbox.core.rates
    assert [rates.wait_for_call("chat.update", 3) for _ in range(50)] == [0] * 50
    assert rates.wait_for_call("chat.update", 3) == 60
    assert rates.wait_for_call("chat.delete", 3) == 0
    now[0] += 61 * SECOND
    assert rates.wait_for_call("chat.update", 3) == 0
