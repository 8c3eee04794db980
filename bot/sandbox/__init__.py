"""A local stand-in for Slack, for `runcite demo` and the tests: Web API, Events API, Socket Mode, files and a page.

It speaks as much of Slack as the real Bolt and SDK need to run unchanged with another base URL, says no in Slack's
own words, and lets a person (or a test) post, edit, click and break things. It is not Slack, and says so.
"""

from bot.sandbox.faults import Fault
from bot.sandbox.stand import Sandbox

__all__ = ["Fault", "Sandbox"]
