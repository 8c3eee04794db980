"""One request, as the calls get it: who asks, in which project, with what; and the tools to answer with."""

from __future__ import annotations

import base64
import binascii
import hashlib
import threading
from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import TypeVar

import msgspec
from sqlalchemy import Connection
from starlette.datastructures import QueryParams
from starlette.requests import Request

from tracker.errors import NotAllowed, NotFound, NotLoggedIn, UsageError
from tracker.ids import clip
from tracker.learning import learned
from tracker.record import Member
from tracker.rules.veil import Veil, Viewer
from tracker.server.auth import must_be_ours, visitor
from tracker.server.config import Context
from tracker.store import members
from tracker.store.mlflow import experiments, search
from tracker.store.mlflow.pen import Author, author_of
from tracker.store.mlflow.rows import Model, RunRow
from tracker.store.shown import Shown
from tracker.store.together import Together

KNOWN_FOR = 2_000_000
"""Microseconds for which a token that was looked up is not looked up again."""

_LISTS = frozenset({"order_by", "experiment_ids", "tags", "stages"})
T = TypeVar("T")


class Desk:
    """What the calls of one application share."""

    def __init__(self, context: Context, rng: Random) -> None:
        self.context = context
        self.together = Together(context.db)
        self.rng = rng
        self._known: dict[str, tuple[int, Author]] = {}
        self._lock = threading.Lock()

    def author(self, request: Request) -> Author:
        """Who asks: a token as Bearer or as the password of Basic, else as everywhere on this server.

        Raises:
            NotLoggedIn: nobody known, and this server asks for a log-in.
            NotAllowed: another site's page tries to act for the visitor.
        """
        header = request.headers.get("authorization", "")
        token = _token(header)
        if header.lower().startswith("basic"):
            must_be_ours(request)  # a browser sends it by itself
        now = self.context.clock()
        if not header and request.cookies:
            return author_of(self.context.db, visitor(request).member)
        key = hashlib.sha256(f"{token}\n{request.headers.get('host', '')}".encode()).hexdigest()
        at, known = self._known.get(key, (0, None))
        if known is not None and 0 <= now - at < KNOWN_FOR and (token or not request.headers.get("origin")):
            return known
        found = author_of(self.context.db, self._owner(token, now) if header else visitor(request).member)
        with self._lock:
            self._known = {} if len(self._known) > 1000 else self._known
            self._known[key] = (now, found)
        return found

    def _owner(self, token: str | None, now: int) -> Member:
        member = members.whose(self.context.db, token, now) if token else None
        if member is None:
            raise NotLoggedIn(
                "The token is unknown, revoked or expired.", remedy="Set MLFLOW_TRACKING_TOKEN to one that is yours."
            )
        return member


@dataclass(frozen=True)
class Ask:
    """One request. `project` and `nonce` (of an `exec`) are of the address's prefix, `names` what it holds besides."""

    desk: Desk
    author: Author
    request: Request
    method: str
    nonce: str | None
    project: str | None
    names: tuple[str, ...]
    query: QueryParams
    body: bytes
    now: int

    def parsed(self, kind: type[T]) -> T:
        """The body, or of a GET the query, as a `kind`.

        Raises:
            UsageError: it is not of that shape.
        """
        try:
            if self.method == "GET":
                words = {key: self.query.getlist(key) if key in _LISTS else self.query[key] for key in self.query}
                return msgspec.convert(words, learned(kind), strict=False)
            body = self.body or b"{}"
            if body[:1] == b'"':  # old clients encode it twice
                body = msgspec.json.decode(body, type=str).encode()
            return msgspec.json.decode(body, type=learned(kind), strict=False)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            line = " ".join(str(error).split())
            raise UsageError(f"The request cannot be read: {line}.", remedy="See MLflow's REST API.") from None

    def read(self, look: Callable[[Connection], T]) -> T:
        """What `look` finds in the database."""
        with self.desk.context.db.read() as connection:
            return look(connection)

    def write(self, write: Callable[[Connection], T]) -> T:
        """What `write` gives back, once it is kept."""
        return self.desk.together.write(write)

    @property
    def sees(self) -> Shown:
        """The store as who asks may see it."""
        return Shown(self.desk.context.db, Viewer(self.author.handle, whole=self.author.leads), self.now)

    def closed_model(self, model: Model) -> Veil | None:
        """What keeps who asks from a logged model; None where nothing does."""
        sees = self.sees
        if not sees.veils or model.created_by == self.author.handle:
            return None
        return sees.veil(self.read(lambda connection: experiments.get(connection, model.experiment)).project)

    def must_open_model(self, model: Model) -> None:
        """Go on only if the model is open to who asks.

        Raises:
            NotAllowed: it is closed until the board closes.
        """
        if (veil := self.closed_model(model)) is not None:
            raise NotAllowed(f"The logged model {model.id} is not shown yet: {veil.sentence}")

    @property
    def client(self) -> str:
        """What sent this."""
        return self.request.headers.get("user-agent", "unknown")

    def experiment(self, connection: Connection, id: str | None) -> int:
        """The number of an experiment by its ID; of 0 under a project's prefix, that of the project's.

        Raises:
            UsageError: it is no ID.
            NotFound: no experiment can have it.
        """
        text = id or "0"
        if not text.isascii() or not text.isdigit():
            raise UsageError(
                f"Invalid experiment ID {clip(text)!r}: it is an integer.", remedy="mlflow.search_experiments()."
            )
        if len(text) > 18:
            raise NotFound(f"No experiment {clip(text)!r} is known.", remedy="mlflow.search_experiments() lists them.")
        if text == "0" and self.project:
            return experiments.of_project(connection, self.project, now=self.now)
        return int(text)

    def run(self, id: str) -> RunRow:
        """The run, be it of a project that no client of MLflow's has asked for.

        Raises:
            NotFound: there is none.
            NotAllowed: it is closed to who asks until its board closes.
        """
        try:
            found = self.read(lambda connection: search.get(connection, id))
        except NotFound:
            if not self.read(experiments.lacking):
                raise
            self.with_experiments()
            found = self.read(lambda connection: search.get(connection, id))
        self.sees.must_open(id)
        return found

    def with_experiments(self) -> None:
        """Make sure that every project has its experiment, before anybody looks for one."""
        if self.read(experiments.lacking):
            self.write(lambda connection: experiments.complete(connection, self.now))
        project = self.project
        if project and self.read(lambda connection: experiments.known(connection, project)) is None:
            self.write(lambda connection: experiments.of_project(connection, project, now=self.now))


def _token(header: str) -> str | None:
    """The token in an Authorization header."""
    scheme, _, rest = header.partition(" ")
    if scheme.lower() == "bearer":
        return rest.strip() or None
    if scheme.lower() != "basic":
        return None
    try:
        return base64.b64decode(rest.strip(), validate=True).decode().partition(":")[2] or None
    except (binascii.Error, UnicodeDecodeError):
        return None
