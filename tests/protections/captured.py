"""What keeps secrets out of the snapshot and its size within bounds, and the test that fails without it."""

from __future__ import annotations

from tests.protections.entry import Protection

CAPTURE = "tests/tracker/capture"
CODE, GIT, SCRUB, COMMAND = (f"{CAPTURE}/test_{name}.py" for name in ("code", "git", "scrub", "command"))
_LOOKS = "cleaned = _by_randomness(_by_name(by_shape(content, mark), mark), mark)"

CAPTURED = (
    Protection(
        "a token of a known shape",
        "tracker/capture/scrub.py",
        _LOOKS,
        "cleaned = _by_randomness(_by_name(content, mark), mark)",
        f"{SCRUB}::test_a_token_of_known_shape_is_removed_wherever_it_stands",
    ),
    Protection(
        "a secret that its name gives away",
        "tracker/capture/scrub.py",
        _LOOKS,
        "cleaned = _by_randomness(by_shape(content, mark), mark)",
        f"{SCRUB}::test_a_secret_is_known_by_what_stands_beside_it",
    ),
    Protection(
        "a secret that nothing gives away but chance",
        "tracker/capture/scrub.py",
        _LOOKS,
        "cleaned = _by_name(by_shape(content, mark), mark)",
        f"{SCRUB}::test_unnamed_secrets_are_found_by_chance_and_hashes_never",
    ),
    Protection(
        "a secret in the argument behind its option",
        "tracker/capture/scrub.py",
        'option = argument.lstrip("-") if flag and',
        'option = "" if flag and',
        f"{SCRUB}::test_an_option_takes_its_value_from_the_next_argument",
    ),
    Protection(
        "a password in a repository's address",
        "tracker/capture/scrub.py",
        '    if parts.scheme not in {"http", "https"} or not at:\n',
        "    if user or host:\n",
        f"{SCRUB}::test_a_remote_keeps_its_address_and_loses_credentials",
    ),
    Protection(
        "a secret among the arguments",
        "tracker/capture/command.py",
        "arguments, found = scrub.argv(list(sys.argv if argv is None else argv))",
        "arguments, found = tuple(sys.argv if argv is None else argv), ()",
        f"{COMMAND}::test_secrets_in_arguments_and_environment_never_leave_the_process",
    ),
    Protection(
        "a secret in the environment",
        "tracker/capture/command.py",
        'scrub.mapping({name: environ[name] for name in sorted(environ) if _kept(name)}, "environment")',
        "({name: environ[name] for name in sorted(environ) if _kept(name)}, ())",
        f"{COMMAND}::test_secrets_in_arguments_and_environment_never_leave_the_process",
    ),
    Protection(
        "a variable that bears on no result",
        "tracker/capture/command.py",
        "return name in _NAMES or name.startswith(_PREFIXES)",
        "return bool(name)",
        f"{COMMAND}::test_only_variables_that_bear_on_a_result_are_kept",
    ),
    Protection(
        "a secret in the commit message",
        "tracker/capture/code.py",
        'message, secrets = without_secrets(head.message, "commit message")',
        "message, secrets = head.message, ()",
        f"{GIT}::test_a_secret_in_the_commit_message_is_scrubbed",
    ),
    Protection(
        "a secret among hyperparameters",
        "tracker/client/config.py",
        'clean, secrets = scrub.mapping(flat | extra, "config")',
        "clean, secrets = flat | extra, ()",
        "tests/tracker/client/test_config.py::test_a_secret_among_hyperparameters_is_not_kept",
    ),
    Protection(
        "a secret in what was printed",
        "tracker/shipper/attendant.py",
        'clean, secrets = scrub.text(text, "output")',
        "clean, secrets = text, ()",
        "tests/tracker/shipper/test_attendant.py::test_what_a_run_printed_arrives_without_secrets_however_it_ended",
    ),
    Protection(
        "a file named like a secret",
        "tracker/capture/shelf.py",
        "        if secret_by_name(file.name):\n",
        "        if secret_by_name(''):\n",
        f"{CODE}::test_files_that_hold_secrets_stay_behind",
    ),
    Protection(
        "a private key in a file",
        "tracker/capture/shelf.py",
        "            if holds_private_key(data):\n",
        "            if holds_private_key(b''):\n",
        f"{CODE}::test_files_that_hold_secrets_stay_behind",
    ),
    Protection(
        "a token in a file",
        "tracker/capture/shelf.py",
        "digest = self.store(cleaned) if secrets else self.keep(file.place)",
        "digest = self.keep(file.place)",
        f"{CODE}::test_files_that_hold_secrets_stay_behind",
    ),
    Protection(
        "unpushed commits that hold a file named like a secret",
        "tracker/capture/code.py",
        "for path in repository.unpushed_paths() if secret_by_name(path)]",
        "for path in repository.unpushed_paths() if not path]",
        f"{GIT}::test_commits_that_hold_secrets_do_not_travel",
    ),
    Protection(
        "unpushed commits that hold a private key",
        "tracker/capture/code.py",
        "elif repository.unpushed_private_keys():",
        "elif not size + 1:",
        f"{GIT}::test_commits_that_hold_secrets_do_not_travel",
    ),
    Protection(
        "unpushed commits without bounds",
        "tracker/capture/code.py",
        "if size > self.limits.bundle_size:",
        "if size < 0:",
        f"{GIT}::test_commits_too_large_to_travel_are_told",
    ),
    Protection(
        "a changed file without bounds",
        "tracker/capture/shelf.py",
        "        if found.st_size > limits.file_size:\n",
        "        if found.st_size < 0:\n",
        f"{CODE}::test_files_beyond_the_caps_are_left_out_with_the_reason",
    ),
    Protection(
        "changed files without bounds together",
        "tracker/capture/shelf.py",
        "        if self._stored + found.st_size > limits.total_size:\n",
        "        if self._stored < 0:\n",
        f"{CODE}::test_files_beyond_the_caps_are_left_out_with_the_reason",
    ),
    Protection(
        "changed files without number",
        "tracker/capture/shelf.py",
        "        if len(self.changed) >= limits.files:\n",
        "        if len(self.changed) < 0:\n",
        f"{CODE}::test_code_is_stored_before_data_when_there_are_too_many_files",
    ),
)
