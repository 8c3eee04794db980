"""Workers: each takes a lane that is due, reads its mail, brings its effects about, and gives it back.

A fault that nobody foresaw ends in this module's shield: it is logged, the lane is put off for a while, and
a letter that failed `TRIES` times is set aside, so that one bad letter holds up neither others nor its lane.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

from bot import calendar, commands, forms, home, leaving, posts, unfurls
from bot.desk import Desk
from bot.effects import perform
from bot.installs import NotInstalled
from bot.settings import SECOND
from tracker.errors import Unavailable
from tracker.store import mailbox
from tracker.store.mailbox import Lease, LeaseLost, Mail

log = logging.getLogger("runcite.bot")

TRIES = 6
LOOKS_EVERY = 60 * SECOND
KEPT = 30 * 86_400 * SECOND
"""How long what a letter said is kept; that it came is kept for good, to know it again."""

_READERS: dict[str, Callable[[Desk, Lease, Mail], str]] = {
    "post": posts.read_letter,
    "edit": posts.read_letter,
    "delete": posts.read_letter,
    "command": commands.read_command,
    "click": forms.read_click,
    "shortcut": forms.read_shortcut,
    "form": forms.read_form,
    "links": unfurls.read_links,
    "home": home.read_visit,
    "digest": calendar.read_digest,
    "roots": calendar.read_roots,
    "leave": leaving.read_leave,
    "renew": leaving.read_renewal,
}


class Bell:
    """Wakes workers that wait when a letter was stored in this process. Others are found by looking."""

    def __init__(self) -> None:
        self._rung = threading.Condition()
        self._count = 0

    def ring(self) -> None:
        """There is work for one."""
        with self._rung:
            self._count += 1
            self._rung.notify()

    def ring_out(self) -> None:
        """Everybody is to look."""
        with self._rung:
            self._count += 1
            self._rung.notify_all()

    def wait(self, heard: int, seconds: float) -> int:
        """Wait until it rings, if it has not since `heard`, at most so long. What has been heard now."""
        with self._rung:
            if self._count == heard:
                self._rung.wait(seconds)
            return self._count


class Almanac:
    """Looks once a minute what the calendar asks for, and forgets old letters, whichever worker comes by."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._next = 0

    def look(self, desk: Desk) -> None:
        """Put what is due into the mailbox. Nothing is raised: what cannot be done now is tried in a minute."""
        now = desk.clock()
        with self._lock:
            if now < self._next:
                return
            self._next = now + LOOKS_EVERY
        try:
            calendar.notice(desk)
            leaving.notice(desk)
            mailbox.sweep(desk.db, before=now - KEPT)
        except Unavailable as error:
            log.warning("The calendar cannot be looked at: %s", error.message)
        except Exception:
            log.exception("The calendar cannot be looked at")


class Workers:
    """The threads that work the mailbox. `start` and `stop` them; `stop` waits until each has given its lane back.

    Only the first does what nobody waits for, and only when nothing else is due: charts take time of the processor
    that the verdicts of the others would wait for.
    """

    def __init__(self, desk: Desk, bell: Bell, count: int) -> None:
        self._desk = desk
        self._bell = bell
        self._stopping = threading.Event()
        self._almanac = Almanac()
        self._threads = [
            threading.Thread(target=self._loop, args=(at == 0,), name=f"bot-{at}", daemon=True) for at in range(count)
        ]

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        self._stopping.set()
        self._bell.ring_out()
        for thread in self._threads:
            thread.join()

    @property
    def alive(self) -> bool:
        """Whether every worker is at work."""
        return all(thread.is_alive() for thread in self._threads)

    def _loop(self, patient: bool) -> None:
        heard = 0
        while not self._stopping.is_set():
            self._almanac.look(self._desk)
            if not work_once(self._desk, patient=patient):
                heard = self._bell.wait(heard, _until_next(self._desk, patient) / SECOND)


def _until_next(desk: Desk, patient: bool) -> int:
    """How long there is nothing to do, as far as this process knows; another one may bring work any time."""
    try:
        due = mailbox.next_due(desk.db, patient=patient)
    except Unavailable:
        return desk.patience.idle
    return desk.patience.idle if due is None else min(max(due - desk.clock(), 1000), desk.patience.idle)


def work_once(desk: Desk, *, patient: bool = True) -> bool:
    """Work one lane that is due, if there is one, as `mailbox.lease` says. Nothing is raised: what fails is logged and
    tried again later."""
    try:
        held = mailbox.lease(desk.db, now=desk.clock(), length=desk.patience.lease, patient=patient)
    except Unavailable as error:
        log.warning("The mailbox cannot be read: %s", error.message)
        return False
    except Exception:
        log.exception("The mailbox cannot be read")
        return False
    if held is None:
        return False
    desk.reach("leased")
    try:
        work_lane(desk, held)
    except LeaseLost as error:
        log.info("%s", error.message)
    except Exception as error:
        _shield(desk, held, error)
    return True


def _shield(desk: Desk, held: Lease, error: Exception) -> None:
    """Put the lane off. Where even that cannot be written, the lease runs out by itself."""
    if isinstance(error, Unavailable):
        log.warning("%s waits: %s", held.key, error.message)
    else:
        log.error("%s failed", held.key, exc_info=error)
    patience = desk.patience
    wait = min(patience.first_retry * 2 ** min(held.attempts, 12), patience.last_retry)
    try:
        mailbox.release(desk.db, held, now=desk.clock(), not_before=desk.clock() + wait)
    except (Unavailable, LeaseLost) as error:
        log.warning("%s cannot be put off, it is free when its lease runs out: %s", held.key, error.message)
    except Exception:
        log.exception("%s cannot be put off; it is free again when its lease runs out", held.key)


def work_lane(desk: Desk, held: Lease) -> None:
    """All of a lane's mail, then its effects in their order, as long as none has to wait, or lets others go first.

    Mail that comes in meanwhile is read before the next effect, so that a deletion is seen before the reply
    to what was deleted goes out.
    """
    while True:
        for mail in mailbox.unread(desk.db, held):
            _read(desk, held, mail)
        with desk.db.read() as connection:
            waiting = mailbox.waiting(connection, held)
        due = waiting[0] if waiting and waiting[0].not_before <= desk.clock() else None
        if due is None or (due.patient and not held.patient) or not perform(desk, held, due):
            break
    desk.reach("worked")
    mailbox.release(desk.db, held, now=desk.clock())
    desk.reach("released")


def _read(desk: Desk, held: Lease, mail: Mail) -> None:
    """Read a letter; one that failed too often is set aside."""
    if mail.attempts >= TRIES or held.attempts >= 4 * TRIES:
        log.error("Set aside letter %d of %s after %d tries", mail.id, held.key, mail.attempts)
        with mailbox.holding(desk.db, held) as connection:
            mailbox.settle(connection, mail, "set aside", now=desk.clock())
        return
    try:
        outcome = _READERS[mail.kind](desk, held, mail)
    except NotInstalled as error:
        log.info("%s is left: %s", held.key, error.message)
        with mailbox.holding(desk.db, held) as connection:
            mailbox.settle(connection, mail, "not installed", now=desk.clock())
        return
    except (LeaseLost, Unavailable):
        raise
    except Exception:
        with mailbox.holding(desk.db, held) as connection:
            mailbox.stumble(connection, mail)
        raise
    log.info("%s: %s is %s", held.key, mail.kind, outcome)
