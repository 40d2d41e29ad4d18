"""Refused requests: who lacks the right if that can be found out, the consequence, and the remedy.

A 403 of Exact may mean that the app lacks the scope ("Application Scope Violated"), the user lacks the right, or the licence lacks the
module. Exact is asked for the user's right (``users/UserHasRights``), with at most two failed attempts (S9).
"""

from contextlib import suppress
from dataclasses import dataclass

from exactsend.domain.division_records import RefusedQuestion
from exactsend.domain.request_purposes import PURPOSES, purpose_of, remedy_for
from exactsend.errors import ApiError, LedgerError, Refused, Resting, is_refusal
from exactsend.exact.endpoints import SALES_ORDERS
from exactsend.http.allowance.exact_limits import RIGHT_OF
from exactsend.operations.doctor.checks import CheckContext, CheckResults, Issue, Note
from exactsend.operations.doctor.endpoint_reads import BY_ENDPOINT
from exactsend.views.text.refused_requests import SERVICES, refused_sentence, what_is_refused
from exactsend.views.text.time_format import moment_text

_FORBIDDEN = 403
_MAX_FAILED_REQUESTS = 2
RIGHT_TO_ASK = "Organization administration"
"""The right the app needs to ask for the user's rights (Exact, REST API reference: UsersUserHasRights)."""
_WMS = "Logistics wms"
_MODULE = " Goods deliveries are part of Exact's trade module (Handel, Wholesale): check whether your licence includes it."


@dataclass(frozen=True)
class MissingRight:
    """Who lacks the right to a request, and what to do."""

    message: str
    remedy: str


def issue_of(context: CheckContext, method: str, endpoint: str, error: ApiError) -> Issue:
    """The issue of a request to Exact or Sendcloud that just failed."""
    service = "sendcloud" if error.api == "Sendcloud" else "exact"
    previous = _recorded_refusal(context, method, endpoint)
    why = consequence_of(service, method, endpoint)
    if isinstance(error, Resting) or not is_refusal(error):
        return Issue(error.message, error.hint, why)
    now = RefusedQuestion(
        service=service,
        method=method,
        endpoint=endpoint,
        status=error.http_status,
        since=previous.since if previous else context.now,
        asked_at=context.now,
        said=service_message(error),
    )
    return _refusal_issue(context, now, refused_sentence(now) if previous else what_is_refused(now))


def recorded_refusals(context: CheckContext) -> CheckResults:
    """The requests that runs were refused: whether they are answered again, or still refused."""
    for question in context.records.refused.oldest_first:
        if right_to(question) in context.lacking_scopes:
            continue  # reported once for the whole scope
        yield from _retry_fallback(context, question)
        if question.method == "GET" and question.endpoint in context.asked:
            if question.endpoint in context.answered:
                since = moment_text(question.since)
                yield Note(
                    f"{SERVICES[question.service]} answers {question.endpoint} again, which it refused since {since};"
                    " the next run uses it again"
                )
        else:
            yield _refusal_issue(context, question, refused_sentence(question))


def _retry_fallback(context: CheckContext, question: RefusedQuestion) -> CheckResults:
    """Read an endpoint that no other check reads, because runs only use it as a fallback."""
    endpoint_read = BY_ENDPOINT.get(question.endpoint) if question.method == "GET" else None
    exact_was_asked = SALES_ORDERS.path in context.asked
    if endpoint_read is None or not exact_was_asked or question.endpoint in context.asked:
        return
    try:
        with context.asking(question.endpoint):
            endpoint_read.read(context)
    except ApiError as error:
        yield issue_of(context, question.method, question.endpoint, error)


def _recorded_refusal(context: CheckContext, method: str, endpoint: str) -> RefusedQuestion | None:
    """The refusal of this request that the ledger has; None if it has none or can't be read."""
    with suppress(LedgerError):
        for refusal in context.records.refused.oldest_first:
            if (refusal.method, refusal.endpoint) == (method, endpoint):
                return refusal
    return None


def _refusal_issue(context: CheckContext, question: RefusedQuestion, sentence: str) -> Issue:
    why = consequence_of(question.service, question.method, question.endpoint)
    if question.service == "exact" and question.status == _FORBIDDEN:
        missing = _missing_right(context, question)
        return Issue(f"{sentence}: {missing.message}", missing.remedy, why)
    said = f": {question.said}" if question.said else ""
    return Issue(f"{sentence}{said}", remedy_for(question), why)


def service_message(error: ApiError) -> str:
    """The service's explanation of a refusal; empty if it gives none."""
    problems = error.problems if isinstance(error, Refused) else ()
    return "; ".join(problem.detail for problem in problems) or error.said


def consequence_of(service: str, method: str, endpoint: str) -> str:
    """What runs skip or do differently without the answer; empty for requests that no run makes."""
    purpose = PURPOSES.get((service, method, endpoint))
    return purpose.not_done if purpose else ""


def right_to(question: RefusedQuestion) -> str:
    """The right of the app's registration that a request needs; empty if none is known."""
    right = purpose_of(question.service, question.method, question.endpoint).right
    return right or RIGHT_OF.get(question.endpoint.partition("?")[0].rsplit("/", 1)[-1], "")


def is_about_the_app(said: str) -> bool:
    """Whether Exact's message is about the app's rights, not those of the user or the licence."""
    return "scope" in said.lower()


def _missing_right(context: CheckContext, question: RefusedQuestion) -> MissingRight:
    """Who lacks the right to a request that Exact answered with 403."""
    right = right_to(question)
    named = f'the right "{right}"' if right else "the right to it"
    app_remedy = f"Give the app {named} at apps.exactonline.com, then run: exactsend connect"
    module = _MODULE if right == _WMS else ""
    if is_about_the_app(question.said):
        return MissingRight(f"the app lacks {named}", f"{app_remedy}.")
    match _user_has_right(context, question.method, question.endpoint):
        case False:
            remedy = (
                "Give that user the right to it in Exact, or sign in as a user who has it: exactsend connect"
            )
            return MissingRight("the user who signed in lacks the right to it", f"{remedy}.{module}")
        case True:
            licence = module or " If the app has that right, check whether your licence includes the module."
            return MissingRight(
                "the user has the right to it, so the app or the licence lacks it", f"{app_remedy}.{licence}"
            )
        case None:
            remedy = f"Give the user who signed in the right to it in Exact, and the app {named} at apps.exactonline.com"
            return MissingRight(
                "Exact does not say whether the app or the user lacks the right",
                f"{remedy}, then run: exactsend connect.{module}",
            )


def user_rights(context: CheckContext) -> CheckResults:
    """Whether the user has each right that runs need. Without a right, Exact may return an empty list instead of a refusal.

    Source: Exact, knowledge base, "Tips and tricks", "Check rights before use" (read 2026-11-30). A right to write can't be tested
    in another way without writing.
    """
    attaches = context.policy.labels.attach_to_delivery
    for method, endpoint in (*_NEEDED, *(_NEEDED_TO_ATTACH if attaches else ())):
        has_it = _user_has_right(context, method, endpoint)
        if has_it is None and not _may_ask(context):
            yield Note("Exact does not say which rights the user who signed in has")
            return
        was_refused = method == "GET" and endpoint in context.asked - context.answered
        if has_it is False and not was_refused:
            yield Issue(
                f"according to Exact, the user who signed in has no right to {method} {endpoint}",
                "Give that user the right to it in Exact, or sign in as a user who has it: exactsend connect",
                consequence_of("exact", method, endpoint),
            )


_NEEDED = (
    ("GET", "salesorder/SalesOrders"),
    ("GET", "salesorder/GoodsDeliveries"),
    ("GET", "crm/Accounts"),
    ("GET", "crm/Contacts"),
    ("GET", "crm/Addresses"),
    ("GET", "logistics/Items"),
    ("PUT", "salesorder/GoodsDeliveries"),
)
_NEEDED_TO_ATTACH = (
    ("GET", "documents/Documents"),
    ("POST", "documents/Documents"),
    ("POST", "documents/DocumentAttachments"),
)


def _user_has_right(context: CheckContext, method: str, endpoint: str) -> bool | None:
    """Whether the user has the right, according to Exact; None if Exact does not say."""
    name = _rights_name(endpoint)
    if name is None:
        return None
    key = (name, method)
    if key not in context.user_rights and _may_ask(context):
        try:
            context.user_rights[key] = context.exact.user_has_right(name, method)
        except ApiError:
            context.user_rights[key] = None
    return context.user_rights.get(key)


def _may_ask(context: CheckContext) -> bool:
    if RIGHT_TO_ASK in context.lacking_scopes:
        return False
    return list(context.user_rights.values()).count(None) < _MAX_FAILED_REQUESTS


def _rights_name(endpoint: str) -> str | None:
    """The name by which Exact is asked for rights, ``service/Endpoint``; a stream has the name of its listing.

    None if there is no such name. Whether Exact has rights of streams themselves is not known.
    """
    name = endpoint.partition("?")[0].removesuffix("/$count").removeprefix("bulk/")
    name = name.removeprefix("sync/").replace("SalesOrderHeaders", "SalesOrders")
    return name if name.count("/") == 1 else None
