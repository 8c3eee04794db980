"""A commit is linked where its remote is a forge on the web, and never anywhere else."""

import pytest

from tracker.snapshot import Git

COMMIT = "3f2a1bc" + "0" * 33


@pytest.mark.parametrize(
    ("remote", "url"),
    [
        ("https://github.com/team/project.git", "https://github.com/team/project/commit/"),
        ("git@github.com:team/project.git", "https://github.com/team/project/commit/"),
        (
            "ssh://git@gitlab.example.org:22/group/sub/project.git",
            "https://gitlab.example.org/group/sub/project/-/commit/",
        ),
        ("git@bitbucket.org:team/project", "https://bitbucket.org/team/project/commits/"),
        ("https://user@codeberg.org/team/project/", "https://codeberg.org/team/project/commit/"),
    ],
)
def test_a_forge_is_linked_by_its_own_path(remote: str, url: str) -> None:
    assert Git(COMMIT, "main", remote, True).commit_url == url + COMMIT


@pytest.mark.parametrize(
    "remote",
    [
        "/srv/git/x.git",
        "file:///srv/x",
        "https://127.0.0.1/a/b",
        "javascript:alert(1)",
        "https://h.org/<script>/x",
        "",
        None,
    ],
)
def test_anything_else_is_not_linked(remote: str | None) -> None:
    assert Git(COMMIT, "main", remote, None).commit_url is None
    assert Git(None, "main", "https://github.com/a/b", None).commit_url is None
