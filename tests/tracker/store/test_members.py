"""Members and tokens: shown once, stored as a digest, and useless when revoked, expired or left."""

import re
import threading

import pytest
from sqlalchemy import inspect, select, text

from tracker.errors import Clash, NotFound, UsageError
from tracker.record import Member
from tracker.store import members
from tracker.store.database import Database
from tracker.store.tables import people


@pytest.fixture
def team(database: Database, now: int) -> Database:
    members.add_member(database, "ana", "admin", "Ana Lee", now=now)
    members.add_member(database, "ben", now=now)
    return database


def test_members_are_added_and_listed(team: Database) -> None:
    assert members.list_members(team) == (Member("ana", "admin", "Ana Lee"), Member("ben", "member"))
    assert members.get_member(team, "ben").role == "member"


def test_an_unknown_member_comes_with_who_was_probably_meant(team: Database) -> None:
    with pytest.raises(NotFound) as refusal:
        members.get_member(team, "bem")
    assert refusal.value.suggestions == ("ben",)


def test_a_handle_is_taken_once(team: Database, now: int) -> None:
    with pytest.raises(Clash, match="ben"):
        members.add_member(team, "ben", now=now)


@pytest.mark.parametrize("handle", ["", " ana", "-x", "a b", "a" * 65, "<!channel>", "a\n", "a\0", "@ana", "../x"])
def test_a_handle_that_cannot_be_is_refused(team: Database, now: int, handle: str) -> None:
    with pytest.raises(UsageError):
        members.add_member(team, handle, now=now)


@pytest.mark.parametrize("handle", ["ana.lee", "李雷", "émile", "a-b_c", "x+y@z.org", "9"])
def test_handles_are_of_any_alphabet(team: Database, now: int, handle: str) -> None:
    assert members.add_member(team, handle, now=now).handle == handle


def test_roles_are_given_and_unknown_ones_refused(team: Database) -> None:
    assert members.set_role(team, "ben", "instructor").role == "instructor"
    with pytest.raises(UsageError, match="no role"):
        members.set_role(team, "ben", "root")  # type: ignore[arg-type]
    with pytest.raises(NotFound):
        members.set_role(team, "nobody", "admin")


def test_a_token_says_whose_it_is_and_is_stored_nowhere(team: Database, now: int) -> None:
    token = members.issue_token(team, "ben", now=now, label="laptop")
    assert re.fullmatch(r"rc_[\w-]{43}", token)
    assert members.whose(team, token, now) == members.get_member(team, "ben")
    assert members.whose(team, token + "x", now) is None
    assert members.whose(team, token[3:], now) is None
    assert members.whose(team, "", now) is None
    (listed,) = members.list_tokens(team, "ben")
    assert (listed.handle, listed.label, listed.created_at) == ("ben", "laptop", now)
    with team.read() as connection:
        for name in inspect(connection).get_table_names():
            for row in connection.execute(text(f"SELECT * FROM {name}")):
                assert token not in str(row)
                assert token[3:20] not in str(row)


def test_no_two_tokens_are_alike(team: Database, now: int) -> None:
    tokens = {members.issue_token(team, "ben", now=now) for _ in range(20)}
    assert len(tokens) == len({token.id for token in members.list_tokens(team)}) == 20


def test_a_token_ends_when_it_expires(team: Database, now: int) -> None:
    token = members.issue_token(team, "ben", now=now, expires_at=now + 10)
    assert members.whose(team, token, now + 9)
    assert members.whose(team, token, now + 10) is None
    assert not members.list_tokens(team)[0].usable(now + 10)
    with pytest.raises(UsageError, match="expired"):
        members.issue_token(team, "ben", now=now, expires_at=now)


def test_a_token_ends_when_it_is_revoked(team: Database, now: int) -> None:
    token = members.issue_token(team, "ben", now=now)
    (listed,) = members.list_tokens(team, "ben")
    assert members.owner_of_token(team, listed.id) == "ben"
    members.revoke_token(team, listed.id, now=now + 1)
    members.revoke_token(team, listed.id, now=now + 2)
    assert members.whose(team, token, now + 3) is None
    assert members.list_tokens(team, "ben")[0].revoked_at == now + 1
    for ask in (members.revoke_token, members.rotate_token):
        with pytest.raises(NotFound):
            ask(team, "unknown", now=now)


def test_a_token_ends_when_its_secret_is_handed_back(team: Database, now: int) -> None:
    token = members.issue_token(team, "ben", now=now)
    members.revoke_secret(team, "rc_unknown", now=now)
    members.revoke_secret(team, token, now=now)
    assert members.whose(team, token, now) is None


def test_rotating_replaces_a_token_at_once(team: Database, now: int) -> None:
    old = members.issue_token(team, "ben", now=now, label="ci", expires_at=now + 100)
    (listed,) = members.list_tokens(team, "ben")
    new = members.rotate_token(team, listed.id, now=now + 1)
    assert members.whose(team, old, now + 1) is None
    assert members.whose(team, new, now + 1) == members.get_member(team, "ben")
    fresh = members.list_tokens(team, "ben")[0]
    assert (fresh.label, fresh.expires_at) == ("ci", now + 100)
    with pytest.raises(NotFound):
        members.rotate_token(team, listed.id, now=now + 2)


def test_who_left_opens_no_door_and_may_come_back(team: Database, now: int) -> None:
    token = members.issue_token(team, "ben", now=now)
    assert members.set_active(team, "ben", False).active is False
    assert members.whose(team, token, now) is None
    members.set_active(team, "ben", True)
    assert members.whose(team, token, now)


@pytest.mark.parametrize("handle", ["nobody", "' OR 1=1 --"])
def test_nobody_gets_no_token(team: Database, now: int, handle: str) -> None:
    with pytest.raises(NotFound):
        members.issue_token(team, handle, now=now)
    with pytest.raises(NotFound):
        members.list_tokens(team, handle)


def test_a_member_is_one_slack_user(team: Database, now: int) -> None:
    assert members.by_slack(team, "T1", "U1") is None
    members.bind_slack(team, "ben", "T1", "U1", now)
    assert members.by_slack(team, "T1", "U1") == Member("ben", "member", "", "T1", "U1")
    assert members.by_slack(team, "T2", "U1") is None
    with pytest.raises(Clash):
        members.bind_slack(team, "ana", "T1", "U1", now)
    members.bind_slack(team, "ben", "T1", "U2", now)
    assert members.by_slack(team, "T1", "U1") is None
    members.unbind_slack(team, "ben")
    assert members.by_slack(team, "T1", "U2") is None
    with pytest.raises(NotFound):
        members.bind_slack(team, "nobody", "T1", "U9", now)


def test_the_user_of_the_machine_is_an_admin_of_an_embedded_database(database: Database, now: int) -> None:
    start = threading.Barrier(4)
    found: list[Member] = []

    def ask() -> None:
        start.wait()
        found.append(members.local_member(database, now=now))

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(found)) == 1
    assert found[0].role == "admin"
    members.set_role(database, found[0].handle, "member")
    assert members.local_member(database, now=now).role == "member"
    with database.read() as connection:
        assert len(connection.execute(select(people.members.c.id)).all()) == 1


def test_a_token_is_found_by_an_index(team: Database) -> None:
    """Looking a token up must not slow down with how many there are."""
    if team.dialect == "sqlite":
        with team.read() as connection:
            plan = connection.execute(text("EXPLAIN QUERY PLAN SELECT id FROM tokens WHERE digest = 'x'")).all()
        assert "USING INDEX" in str(plan) or "USING COVERING INDEX" in str(plan)


def test_a_log_in_link_is_used_once_and_is_no_token(team: Database, now: int) -> None:
    secret = members.issue_link(team, "ben", now=now, expires_at=now + 10)
    assert members.whose(team, secret, now) is None
    assert members.redeem_link(team, secret, now=now) == Member("ben", "member")
    assert members.redeem_link(team, secret, now=now) is None
    token = members.issue_token(team, "ben", now=now)
    assert members.redeem_link(team, token, now=now) is None


def test_a_log_in_link_ends_by_time_by_a_newer_one_and_with_the_member(team: Database, now: int) -> None:
    late = members.issue_link(team, "ben", now=now, expires_at=now + 10)
    assert members.redeem_link(team, late, now=now + 10) is None
    older = members.issue_link(team, "ben", now=now, expires_at=now + 10)
    newer = members.issue_link(team, "ben", now=now, expires_at=now + 10)
    assert members.redeem_link(team, older, now=now) is None
    members.set_active(team, "ben", False)
    assert members.redeem_link(team, newer, now=now) is None


def test_of_several_with_one_link_one_gets_in(team: Database, now: int) -> None:
    secret = members.issue_link(team, "ben", now=now, expires_at=now + 10)
    found: list[Member | None] = []
    threads = [
        threading.Thread(target=lambda: found.append(members.redeem_link(team, secret, now=now))) for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [member.handle for member in found if member] == ["ben"] and len(found) == 4
