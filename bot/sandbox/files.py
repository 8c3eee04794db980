"""Uploaded files. As in Slack an upload is done before it is processed: only then has it a type, and is shared."""

from __future__ import annotations

import mimetypes
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field

from bot.sandbox.people import TEAM, Channel
from bot.sandbox.shapes import SECOND, ApiError, Json

_PICTURES = {"image/png", "image/jpeg", "image/gif"}


@dataclass
class StoredFile:
    """A file: announced, then uploaded (`data`), then completed, then processed (`ready_at`, micros)."""

    id: str
    name: str
    length: int
    user: str
    created: int
    alt: str = ""
    title: str = ""
    data: bytes | None = None
    completed: bool = False
    ready_at: int | None = None
    deleted: bool = False
    shares: dict[str, list[Json]] = field(default_factory=dict)

    @property
    def mimetype(self) -> str:
        return mimetypes.guess_type(self.name)[0] or "application/octet-stream"


class Files:
    """All files, by ID. `base` gives the address of the stand-in."""

    def __init__(self, clock: Callable[[], int], base: Callable[[], str]) -> None:
        self._clock = clock
        self._base = base
        self.by_id: dict[str, StoredFile] = {}

    def announce(self, name: str, length: int, user: str, alt: str = "") -> StoredFile:
        """Make room for a file that will be uploaded."""
        file = StoredFile("F0" + secrets.token_hex(5).upper(), name, length, user, self._clock(), alt, title=name)
        self.by_id[file.id] = file
        return file

    def put(self, name: str, data: bytes, user: str) -> StoredFile:
        """A file that a person drops into the composer: there and processed at once."""
        file = self.announce(name, len(data), user)
        file.data, file.completed, file.ready_at = data, True, self._clock()
        return file

    def get(self, file_id: str) -> StoredFile:
        """Raises: ApiError `file_not_found`, also for a deleted one."""
        file = self.by_id.get(file_id)
        if file is None or file.deleted:
            raise ApiError("file_not_found")
        return file

    def is_ready(self, file: StoredFile) -> bool:
        """Whether Slack is done with processing."""
        return file.ready_at is not None and self._clock() >= file.ready_at

    def shared(self, file: StoredFile, channel: Channel, ts: str) -> None:
        """Note that a message shows the file."""
        share: Json = {"ts": ts, "channel_name": channel.name, "team_id": TEAM, "reply_users": [], "reply_count": 0}
        file.shares.setdefault(channel.id, []).append(share)

    def wrong_with(self, reference: Json) -> str | None:
        """Why an image block may not show `slack_file: reference`, or None."""
        name = str(reference.get("id") or str(reference.get("url", "")).rpartition("-")[2].partition("/")[0])
        file = self.by_id.get(name)
        if file is None or file.deleted or not file.completed:
            return "invalid slack file"
        if not self.is_ready(file):
            return "invalid slack file: it is not processed yet"
        if file.mimetype not in _PICTURES:
            return "invalid slack file: it is no png, jpg or gif"
        return None

    def shown(self, file: StoredFile) -> Json:
        """The file object. Before processing it has neither type nor shares."""
        ready = self.is_ready(file)
        url = f"{self._base()}/files-pri/{TEAM}-{file.id}/{file.name}"
        kind = file.mimetype.partition("/")[2] if ready else ""
        shown: Json = {
            "id": file.id,
            "created": file.created // SECOND,
            "timestamp": file.created // SECOND,
            "name": file.name,
            "title": file.title,
            "mimetype": file.mimetype if ready else "",
            "filetype": {"jpeg": "jpg"}.get(kind, kind),
            "pretty_type": kind.upper(),
            "user": file.user,
            "user_team": TEAM,
            "editable": False,
            "size": file.length,
            "mode": "hosted",
            "is_external": False,
            "external_type": "",
            "is_public": False,
            "public_url_shared": False,
            "display_as_bot": False,
            "username": "",
            "url_private": url,
            "url_private_download": f"{url}?download=1",
            "permalink": f"{self._base()}/files/{file.user}/{file.id}/{file.name}",
            "file_access": "visible",
            "has_rich_preview": False,
            "channels": [],
            "groups": [],
            "ims": [],
            "shares": {},
        }
        if file.alt:
            shown["alt_txt"] = file.alt
        if ready and file.shares:
            public = {channel: list(shares) for channel, shares in file.shares.items()}
            shown |= {"shares": {"public": public}, "channels": list(public), "is_public": True}
        return shown
