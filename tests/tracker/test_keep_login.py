"""A kept token is found again, for its own server only, and nothing else in the file is touched."""

import stat
import tomllib
from pathlib import Path

import pytest

from tracker.errors import InvalidSettings
from tracker.settings import FILE_NAME, keep_login, load


def test_a_kept_token_is_found_for_its_server_only(tmp_path: Path) -> None:
    keep_login(tmp_path, "https://a.example.org", "rc_a")
    keep_login(tmp_path, "https://b.example.org", "rc_b")
    home = {"RUNCITE_HOME": str(tmp_path)}
    assert load(home, tmp_path).url == "https://b.example.org"
    assert load(home, tmp_path).token == "rc_b"
    assert load(home | {"RUNCITE_URL": "https://a.example.org"}, tmp_path).token == "rc_a"
    assert load(home | {"RUNCITE_URL": "https://c.example.org"}, tmp_path).token is None


def test_a_second_login_replaces_the_token_and_keeps_the_rest(tmp_path: Path) -> None:
    file = tmp_path / FILE_NAME
    file.write_text(
        '# mine\nurl = "sqlite:///old.db"\n'
        'shipper = "off"\n\n[tokens]\n# laptop\n"https://x" = "rc_x"\n[other]\na = 1\n'
    )
    keep_login(tmp_path, "https://a.example.org", "rc_1")
    keep_login(tmp_path, "https://a.example.org", "rc_2", default=False)
    read = tomllib.loads(file.read_text())
    assert read["tokens"] == {"https://x": "rc_x", "https://a.example.org": "rc_2"}
    assert (read["url"], read["shipper"], read["other"]) == ("https://a.example.org", "off", {"a": 1})
    assert "# mine" in file.read_text() and "# laptop" in file.read_text()


def test_only_its_owner_reads_the_file(tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).write_text("")
    (tmp_path / FILE_NAME).chmod(0o644)
    path = keep_login(tmp_path, "https://a.example.org", 'rc_"quoted"')
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert load({"RUNCITE_HOME": str(tmp_path)}, tmp_path).token == 'rc_"quoted"'


def test_a_file_that_is_no_toml_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).write_text("url = [")
    with pytest.raises(InvalidSettings):
        keep_login(tmp_path, "https://a.example.org", "rc_a")
    assert (tmp_path / FILE_NAME).read_text() == "url = ["
