"""What a reply may look at beside the judgement, and the language it is written in. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from bot.blocks import link
from bot.chinese import in_language, turned
from tracker.record import Finding, Record
from tracker.rules.board import Place, Ranking, best, place_of
from tracker.rules.chinese import in_chinese
from tracker.rules.chinese import turned as judged
from tracker.rules.words import counted


@dataclass(frozen=True)
class Sight:
    """What a reply may look at beside the judgement: the boards of the cited runs' projects, where pages are, and the
    language (en or zh) of who reads it."""

    rankings: tuple[Ranking, ...] = ()
    pages: str = ""
    language: str = "en"

    def say(self, phrase: str, *values: object) -> str:
        """A phrase of the bot's own in the reader's language, with values in their places."""
        said = in_language(phrase, self.language)
        return said.format(*values) if values else said

    def counted(self, count: int, one: str) -> str:
        """`3 files`, in the reader's language."""
        return counted(count, one) if self.language == "en" else self.say(f"{{}} {one}s", count)

    def told(self, finding: Finding) -> Finding:
        """A finding in the reader's language."""
        return in_chinese(finding) if self.language == "zh" else finding

    def turned(self, sentence: str) -> str:
        """A sentence that was made in English, in the reader's language where that is known."""
        return judged(sentence) or turned(sentence) if self.language == "zh" else sentence

    def ranking(self, record: Record) -> Ranking | None:
        """The board of the run's project."""
        return next((each for each in self.rankings if each.spec.project == record.project), None)

    def place(self, record: Record) -> Place | None:
        """Where the run stands; None where it does not rank."""
        ranking = self.ranking(record)
        return place_of(ranking, record.id) if ranking else None

    def leader(self, record: Record) -> Record | None:
        """The best run of the run's project; None when that is the run itself, or nothing ranks."""
        ranking = self.ranking(record)
        row = best(ranking) if ranking else None
        return None if row is None or record.id in row.run_ids else row.records[0]

    def run_page(self, run_id: str) -> str:
        return f"{self.pages}/runs/{run_id}" if self.pages else ""

    def run(self, record: Record) -> str:
        """The run ID, leading to the run's page."""
        return link(self.run_page(record.id), record.id)


ENGLISH = Sight()
"""What says everything in English, and knows of no board and no pages."""
