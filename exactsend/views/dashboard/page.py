"""Renders the page: one HTML file that loads nothing. Pure.

Its content security policy allows only its own style and script, by their hashes. Even if text from a service got past the escaping,
it could neither run nor load anything.
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
from exactsend.domain.shown_problem import shown
from exactsend.views.dashboard import rows
from exactsend.views.dashboard.chart import chart_of, share
from exactsend.views.dashboard.page_phrases import (
    CAUSE_PHRASES,
    HEALTH_PHRASES,
    STAGE_PHRASES,
    ago,
    clock_text,
    day_text,
    headline,
    number,
    status_text,
)
from exactsend.views.dashboard.service_links import PanelLinks
from exactsend.views.dashboard.totals import Totals, totals_of
from exactsend.views.data.overview import Overview
from exactsend.views.text.json_documents import time_text
from exactsend.views.text.record_phrases import UNUSED_REASONS
from exactsend.views.text.refused_requests import not_done, what_is_refused

STATIC_ROWS = 50
"""The number of rows in the HTML itself, for readers without JavaScript."""
MAX_PROBLEMS = 100
"""Per division; the page says how to list them all."""
MAX_UNUSED = 50
"""Likewise."""
FAVICON = (
    "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'%3E"
    "%3Crect width='16' height='16' rx='4' fill='%230b6b5e'/%3E%3Cpath d='M4 8.4l2.7 2.7L12 5.6' fill='none' "
    "stroke='white' stroke-width='1.9'/%3E%3C/svg%3E"
)


@dataclass(frozen=True)
class UnreadableDivision:
    """A division whose ledger can't be read, and why."""

    division: str
    message: str
    hint: str


@dataclass(frozen=True)
class Report:
    """The content of the page."""

    overviews: tuple[Overview, ...]
    unreadable: tuple[UnreadableDivision, ...]
    since: datetime
    written_at: datetime
    links: PanelLinks

    @property
    def has_several_divisions(self) -> bool:
        """Whether rows must name their division."""
        return len(self.overviews) + len(self.unreadable) > 1


def page_html(report: Report) -> str:
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
            first_rows=views[:STATIC_ROWS],
            row_count=len(views),
            rows_json=Markup(rows.rows_json(views[: rows.MAX_ROWS], report.links)),  # noqa: S704 - escaped by rows_json
            version=__version__,
            favicon=Markup(FAVICON),  # noqa: S704 - our own
        )
    )


def _sections(report: Report) -> Sequence[Totals]:
    """The totals of all divisions together, then those of each."""
    each = [totals_of((overview,), overview.division) for overview in report.overviews]
    return [totals_of(report.overviews, ""), *each] if report.has_several_divisions else each


def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("exactsend.views.dashboard"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "ago": ago, "clock": clock_text, "day": day_text, "number": number, "plain": rows.plain, "iso": time_text, "shown": shown,
    }  # fmt: skip
    environment.globals |= {
        "rows": rows, "share": share, "chart_of": chart_of, "headline": headline, "status_text": status_text, "minute": timedelta(minutes=1),
        "cause_phrases": CAUSE_PHRASES, "health_phrases": HEALTH_PHRASES, "stage_phrases": STAGE_PHRASES,
        "state_phrases": rows.STATE_PHRASES, "unused_reasons": UNUSED_REASONS, "max_rows": rows.MAX_ROWS,
        "what_is_refused": what_is_refused, "not_done": not_done, "remedy_for": remedy_for,
        "max_problems": MAX_PROBLEMS, "max_unused": MAX_UNUSED,
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
