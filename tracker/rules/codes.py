"""The tables of findings: what each code means, and what it does unless a board's policy says otherwise."""

from __future__ import annotations

from typing import Literal

import msgspec

Severity = Literal["reject", "warn", "note"]


class Meaning(msgspec.Struct, frozen=True):
    """What a finding's code means. A `firm` one does the same on every board: no policy changes it."""

    code: str
    meaning: str
    severity: Severity
    firm: bool = False


MEANINGS: tuple[Meaning, ...] = (
    Meaning("retracted", "the run was taken back", "reject", firm=True),
    Meaning("not-ended", "the run is still going", "reject", firm=True),
    Meaning("failed", "the run ended with an error, or was killed", "reject", firm=True),
    Meaning("silent", "the run stopped telling, and nobody saw its end", "reject", firm=True),
    Meaning("not-finite", "the board's metric ended as NaN or infinite", "reject", firm=True),
    Meaning("implausible", "the value lies outside the band that the board takes for possible", "reject"),
    Meaning("other-data", "the run did not use the board's data set, or did not record which it used", "reject"),
    Meaning("not-recorded", "another tracker recorded the run, and it was imported: Runcite saw nothing", "reject"),
    Meaning("over-time", "the run took longer than the board allows", "reject"),
    Meaning("over-gpu-hours", "the run took more GPU hours than the board allows", "reject"),
    Meaning("gpu-hours-unknown", "the board limits GPU hours, and the run's machine was not captured", "warn"),
    Meaning("over-parameters", "the model has more parameters than the board allows", "reject"),
    Meaning("parameters-unknown", "the board limits parameters, and the run did not record how many", "warn"),
    Meaning("metric-missing", "the run did not record the board's metric", "warn"),
    Meaning("other-not-finite", "another metric ended as NaN or infinite", "warn"),
    Meaning("some-not-finite", "some points of the board's metric were NaN or infinite, the final one was not", "note"),
    Meaning("code-unknown", "the code was not captured", "warn"),
    Meaning("code-told", "only the commit is known: a client told it, and nobody looked at what differs", "warn"),
    Meaning("no-git", "the code is in no git repository, or has no commit yet", "warn"),
    Meaning("code-incomplete", "files that differ from the commit were left out of the record", "warn"),
    Meaning("dirty", "files differ from the commit; all of them are stored with the run", "note"),
    Meaning("unpushed", "the commit is on no remote branch and was not stored with the run", "warn"),
    Meaning("bundled", "the commit is on no remote branch, but is stored with the run", "note"),
    Meaning("environment-unknown", "the installed packages were not captured", "warn"),
    Meaning("machine-unknown", "the machine was not captured", "note"),
    Meaning("data-unknown", "the run did not record its data", "note"),
    Meaning("no-seed", "the run did not say its seed", "warn"),
    Meaning("resumed-after-end", "the run ended, was sealed, and was resumed; every seal is kept", "note"),
    Meaning("imported", "the run was brought in from elsewhere: Runcite did not see it train", "warn"),
    Meaning("drift", "values that were live in the process differ from the recorded config", "warn"),
    Meaning("not-all-kept", "the recorder could not keep everything that was logged", "warn"),
)
"""Every code of `fitness.findings`, the gravest first: findings come in this order."""

CODES: dict[str, Meaning] = {meaning.code: meaning for meaning in MEANINGS}

POST_MEANINGS: tuple[Meaning, ...] = (
    Meaning("no-run", "the post cites no run", "reject", firm=True),
    Meaning("mistyped", "the run ID is mistyped", "reject", firm=True),
    Meaning("unknown-run", "nothing is registered under the run ID", "reject", firm=True),
    Meaning("seal-broken", "the record is not what was sealed when the run ended", "reject", firm=True),
    Meaning("claim-differs", "the value is not the one recorded", "reject", firm=True),
    Meaning("other-run", "the value is another run's", "reject", firm=True),
    Meaning("change-differs", "the improvement over another run is not what the two recorded", "reject"),
    Meaning("closed", "the board was closed when the post was written", "reject"),
    Meaning("no-attempts-left", "the member has no accepted post left on this board", "reject"),
    Meaning("still-private", "the value is of a split that nobody sees before the board closes", "reject"),
    Meaning("metric-not-recorded", "no cited run recorded the metric", "reject"),
    Meaning("no-replicates", "a mean over runs that are no replicates", "reject"),
    Meaning("other-split", "the value is of another split than the board's", "reject"),
    Meaning("fewer-seeds", "the mean is said to be over more seeds than runs are cited", "warn"),
    Meaning("within-noise", "an improvement that cannot be told from chance", "warn"),
    Meaning("best-not-last", "the post gives the best value; the last one is said beside it", "note", firm=True),
    Meaning("best-of-many", "how many runs of this kind stand behind the number", "note", firm=True),
    Meaning("mended-id", "a look-alike character in the run ID was read as what it stands for", "note", firm=True),
    Meaning("other-member", "the run is another member's", "note"),
    Meaning("registered-later", "the run was registered after the post", "note"),
)
"""Every code of what a post itself says, held against the record; the gravest first."""

EVERY: dict[str, Meaning] = {meaning.code: meaning for meaning in (*MEANINGS, *POST_MEANINGS)}
"""Both tables in one."""
