"""The scrubber: secrets go, everything else stays, and it says what it removed without saying it."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.capture import scrub
from tracker.snapshot import Scrubbed

from .cases import HARMLESS, NAMED, TOKENS, some

ALNUM = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
AROUND = ("{}", "value={}", "  {} ", "'{}'", "print({})", "logged in with {}, thanks", "https://x.org/a {} b", "\n{}\n")

PIECES = st.sampled_from(
    [
        *TOKENS.values(),
        *(text for _, text, _ in NAMED),
        *HARMLESS,
        *("password=", "--token ", "[scrubbed]", "://", "@", ":", "'", '"', "=", " ", "\n", "Bearer ", "key", "?sig="),
        *("-----BEGIN PRIVATE" + " KEY-----", "eyJ", "\x00", "\udcff"),
    ]
)
TEXTS = st.one_of(st.text(), st.lists(st.one_of(PIECES, st.text(max_size=8)), max_size=12).map("".join))


def test_there_are_enough_cases_both_ways() -> None:
    assert len(TOKENS) + len(NAMED) >= 150
    assert len(HARMLESS) >= 150


def test_a_token_of_known_shape_is_removed_wherever_it_stands() -> None:
    for name, token in TOKENS.items():
        for around in AROUND:
            clean, found = scrub.text(around.format(token), "argument 1")
            assert token not in clean, (name, around)
            assert not any(token[start : start + 12] in clean for start in range(len(token) - 11)), (name, around)
            assert found, (name, around)
            assert all(item.where == "argument 1" and token not in item.why for item in found), (name, around)


def test_a_secret_is_known_by_what_stands_beside_it() -> None:
    for name, text, secret in NAMED:
        clean, found = scrub.text(text, "x")
        assert secret not in clean and found, name


def test_what_is_no_secret_stays_as_it_is() -> None:
    for text in HARMLESS:
        assert scrub.text(text, "x") == (text, ())


def test_a_token_that_only_shows_when_its_neighbour_is_gone_is_removed_too() -> None:
    assert scrub.text(TOKENS["npm"] + TOKENS["AWS key"], "x")[0] == "[scrubbed][scrubbed]"


@pytest.mark.parametrize("quote", ["", "'", '"'])
def test_a_long_secret_is_removed_to_its_end(quote: str) -> None:
    assert (
        scrub.text(f"password={quote}{'hunter2-' * 400}{quote} lr=1", "x")[0]
        == f"password={quote}[scrubbed]{quote} lr=1"
    )


def test_unnamed_secrets_are_found_by_chance_and_hashes_never() -> None:
    """Of many random keys nearly all are found, of many digests none: the thresholds, not one lucky case."""
    found = sum(bool(scrub.text(some(ALNUM, 40), "x")[1]) for _ in range(1000))
    assert found >= 990
    assert not any(scrub.text(some("0123456789abcdef", 40), "x")[1] for _ in range(1000))


@given(TEXTS)
def test_it_takes_any_text_and_scrubbing_twice_changes_nothing(text: str) -> None:
    clean, _ = scrub.text(text, "x")
    assert scrub.text(clean, "x") == (clean, ())


@given(st.lists(st.one_of(PIECES, st.text(max_size=20)), max_size=8))
def test_arguments_keep_their_number_and_scrubbing_them_twice_changes_nothing(arguments: list[str]) -> None:
    clean, _ = scrub.argv(arguments)
    assert len(clean) == len(arguments)
    assert scrub.argv(clean) == (clean, ())


@given(st.sampled_from(sorted(TOKENS)), st.text(max_size=30), st.text(max_size=30))
def test_no_neighbourhood_hides_a_token_that_stands_alone(name: str, before: str, after: str) -> None:
    clean, _ = scrub.text(f"{before} {TOKENS[name]} {after}", "x")
    assert TOKENS[name] not in clean


@pytest.mark.parametrize(
    "piece", ["key=", "a", "password:x ", "://", "aB3", "eyJ", "xox", "token ", ". ", "'", "-----BEGIN "]
)
def test_twice_the_text_takes_about_twice_the_time(piece: str) -> None:
    """A quadratic search would take 16 times as long over 4 times the text; the bound leaves room for noise."""

    def seconds(length: int) -> float:
        text = (piece * length)[:length]
        began = time.process_time()
        scrub.text(text, "x")
        return time.process_time() - began

    seconds(1000)
    small = max(min(seconds(10_000) for _ in range(3)), 0.002)
    assert min(seconds(40_000) for _ in range(2)) < 10 * small


def test_an_option_takes_its_value_from_the_next_argument() -> None:
    text = "train.py --password hunter2 --lr 0.1 --api-key abc --wandb-key=a1b2 --tokenizer gpt2"
    clean, found = scrub.argv(text.split())
    told = "train.py --password [scrubbed] --lr 0.1 --api-key [scrubbed] --wandb-key=[scrubbed] --tokenizer gpt2"
    assert clean == tuple(told.split())
    assert [item.where for item in found] == ["argument 2", "argument 6", "argument 7"]


def test_a_config_loses_its_secrets_and_keeps_its_numbers() -> None:
    config = {
        "lr": 0.1,
        "max_tokens": 512,
        "password": "hunter2",
        "db.password": 123456,
        "api_key": None,
        "secret": True,
    }
    clean, found = scrub.mapping(config, "config")
    assert clean == config | {"password": "[scrubbed]", "db.password": "[scrubbed]"}
    assert [item.where for item in found] == ["config password", "config db.password"]


@pytest.mark.parametrize(
    ("url", "clean"),
    [
        ("https://github.com/a/b.git", "https://github.com/a/b.git"),
        ("git@github.com:a/b.git", "git@github.com:a/b.git"),
        ("ssh://git@host.org:22/a/b", "ssh://git@host.org:22/a/b"),
        ("https://ada@host.org/a/b", "https://host.org/a/b"),
        ("https://ada:lovelace@host.org:8443/a/b", "https://host.org:8443/a/b"),
        ("https://ada:love@lace@host.org/a/b", "https://host.org/a/b"),
        ("ssh://ada:lovelace@host.org/a/b", "ssh://ada:[scrubbed]@host.org/a/b"),
        ("https://[::1/a", "https://[::1/a"),
        ("/srv/git/b.git", "/srv/git/b.git"),
    ],
)
def test_a_remote_keeps_its_address_and_loses_credentials(url: str, clean: str) -> None:
    assert scrub.remote(url, "git remote origin")[0] == clean


def test_what_was_found_is_told_once_by_place_and_kind() -> None:
    token = TOKENS["GitHub classic"]
    assert scrub.text(f"{token} {token}", "line 3")[1] == (Scrubbed("line 3", "GitHub token"),)
