"""Renders the page: one HTML file that asks nobody for anything. Pure: values in, text out.

The policy in its head allows the one style and the one script that it holds, by their hashes, and nothing else: even if text from
a service found its way around the escaping, it could neither run nor load anything.
"""

from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from importlib.resources import files

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from exactsend import __version__
from exactsend.domain.request_purposes import remedy_for
from exactsend.views.dashboard import rows
from exactsend.views.dashboard.chart import chart_of, share
from exactsend.views.dashboard.phrases import (
    CAUSE_WORDS,
    HEALTH_WORDS,
    STAGE_WORDS,
    ago,
    clock_text,
    day_text,
    headline,
    number,
    status_text,
)
from exactsend.views.dashboard.service_links import Links
from exactsend.views.dashboard.totals import Sums, sums_of
from exactsend.views.data.overview import Overview
from exactsend.views.text.json_documents import time_text
from exactsend.views.text.refused_requests import not_done, what_is_refused
from exactsend.views.text.view_phrases import UNUSED_WORDS

WITHOUT_SCRIPT = 50
"""So many rows stand in the page itself, for readers without JavaScript."""
MOST_PROBLEMS = 100
"""Of one division. Nobody reads more on one page, and it says how to list them all."""
MOST_UNUSED = 50
"""Likewise."""
FAVICON = (
    "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'%3E"
    "%3Crect width='16' height='16' rx='4' fill='%230b6b5e'/%3E%3Cpath d='M4 8.4l2.7 2.7L12 5.6' fill='none' "
    "stroke='white' stroke-width='1.9'/%3E%3C/svg%3E"
)


@dataclass(frozen=True)
class Unread:
    """A division that could not be looked at, and why."""

    division: str
    message: str
    hint: str


@dataclass(frozen=True)
class Report:
    """What the page tells."""

    overviews: tuple[Overview, ...]
    unread: tuple[Unread, ...]
    since: datetime
    written_at: datetime
    links: Links

    @property
    def is_of_several(self) -> bool:
        """Whether things need the name of their division."""
        return len(self.overviews) + len(self.unread) > 1


def rendered(report: Report) -> str:
    """The page."""
    style, script = _asset("report.css"), _asset("report.js")
    views = rows.newest(view for overview in report.overviews for view in overview.deliveries)
    return (
        _environment()
        .get_template("page.html")
        .render(
            report=report,
            policy=_policy(style, script),
            style=Markup(style),  # noqa: S704 - our own file
            script=Markup(script),  # noqa: S704 - likewise
            sections=_sections(report),
            first_rows=views[:WITHOUT_SCRIPT],
            row_count=len(views),
            rows_json=Markup(rows.rows_json(views[: rows.MOST], report.links)),  # noqa: S704 - made safe there
            version=__version__,
            favicon=Markup(FAVICON),  # noqa: S704 - our own
        )
    )


def _sections(report: Report) -> Sequence[Sums]:
    """What is told of all divisions together, and then of each."""
    each = [sums_of((overview,), overview.division) for overview in report.overviews]
    return [sums_of(report.overviews, ""), *each] if report.is_of_several else each


def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("exactsend.views.dashboard"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "ago": ago, "clock": clock_text, "day": day_text, "number": number, "plain": rows.plain, "iso": time_text,
    }  # fmt: skip
    environment.globals |= {
        "rows": rows, "share": share, "chart_of": chart_of, "headline": headline, "status_text": status_text, "minute": timedelta(minutes=1),
        "cause_words": CAUSE_WORDS, "health_words": HEALTH_WORDS, "stage_words": STAGE_WORDS,
        "state_words": rows.STATE_WORDS, "unused_words": UNUSED_WORDS, "most_rows": rows.MOST,
        "what_is_refused": what_is_refused, "not_done": not_done, "remedy_for": remedy_for,
        "most_problems": MOST_PROBLEMS, "most_unused": MOST_UNUSED,
    }  # fmt: skip
    return environment


def _policy(style: str, script: str) -> str:
    return "; ".join(
        (
            "default-src 'none'",
            f"style-src '{_hash(style)}'",
            f"script-src '{_hash(script)}'",
            "img-src data:",
            "base-uri 'none'",
            "form-action 'none'",
        )
    )


def _hash(text: str) -> str:
    return f"sha256-{b64encode(sha256(text.encode()).digest()).decode()}"


def _asset(name: str) -> str:
    return files("exactsend.views.dashboard").joinpath("assets", name).read_text(encoding="utf-8")
