"""Pages from templates: everything escaped, in the reader's language, with the addresses of the assets."""

from __future__ import annotations

import hashlib
import re
from functools import cache
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import jinja2
from starlette.requests import Request
from starlette.responses import HTMLResponse

from tracker.errors import NotFound
from tracker.record import Finding
from tracker.rules.chinese import in_chinese
from tracker.server import show, words
from tracker.server.auth import Visitor
from tracker.server.config import context_of

STATIC = Path(__file__).parent / "static"
LANGUAGE_COOKIE = "runcite-language"
_TEMPLATES = Path(__file__).parent / "templates"


@cache
def environment() -> jinja2.Environment:
    """The one Jinja environment; autoescape is on for every template, and a name that is missing is an error."""
    made = jinja2.Environment(
        loader=jinja2.FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.do"],
    )
    made.filters.update(show.FILTERS)
    made.globals.update(
        static=static,
        plotly=plotly_address,
        plotly_styles=plotly_styles,
        clip=show.clip,
        how_long=show.ago,
        digest_column=show.digest_column,
    )
    return made


@cache
def static(name: str) -> str:
    """The address of an asset of ours; it changes with its content, so that browsers may keep it for good."""
    digest = hashlib.sha256((STATIC / name).read_bytes()).hexdigest()[:12]
    return f"/static/{digest}/{name}"


@cache
def plotly_address() -> str:
    """The address of the script that draws the curves: the one inside the plotly package."""
    return f"/static/plotly-{version('plotly')}/plotly.min.js"


@cache
def plotly_script() -> bytes:
    """That script.

    Raises:
        NotFound: the package is not installed.
    """
    spec = find_spec("plotly")
    if spec is None or not spec.submodule_search_locations:
        raise NotFound("The plotly package is not installed.", remedy="Type: pip install 'runcite[server]'")
    return (Path(spec.submodule_search_locations[0]) / "package_data" / "plotly.min.js").read_bytes()


@cache
def plotly_styles() -> tuple[str, ...]:
    """The IDs of the style sheets that the script would put into a page that has no element of that ID."""
    found = re.findall(rb'if\(!document\.getElementById\("([0-9a-f]{64})"\)\)', plotly_script())
    return tuple(sorted({name.decode() for name in found}))


def language_for(request: Request) -> words.Language:
    """The language chosen by the switch, else the one that the browser asks for."""
    chosen = request.cookies.get(LANGUAGE_COOKIE)
    if chosen in ("zh", "en"):
        return "zh" if chosen == "zh" else "en"
    return words.language_of(request.headers.get("accept-language", ""))


def _as_it_is(found: Finding) -> Finding:
    return found


def render(request: Request, template: str, status: int = 200, **values: Any) -> HTMLResponse:
    """The page. The visitor, the language and the time are there in every template."""
    context = context_of(request)
    language = language_for(request)
    visitor = getattr(request.state, "visitor", None)
    assert visitor is None or isinstance(visitor, Visitor)
    html = (
        environment()
        .get_template(template)
        .render(
            _=words.translator(language),
            said=words.rules_translator(language),
            said_finding=in_chinese if language == "zh" else _as_it_is,
            language=language,
            visitor=visitor,
            now=context.clock(),
            here=request.url.path,
            origin=context.config.public_url,
            whole=request.url.path + (f"?{request.url.query}" if request.url.query else ""),
            **values,
        )
    )
    return HTMLResponse(html, status, headers={"Content-Language": language, "Vary": "Accept-Language, Cookie"})
