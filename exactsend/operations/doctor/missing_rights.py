"""What a refused question is told as: whose right is missing, where that can be found out, and what is not done meanwhile.

A 403 of Exact does not say who lacks what: the app's scope ("Application Scope Violated" does), the user's right, the licence. For
the user's right Exact is asked (``users/UserHasRights``), at most twice in vain (S9).
"""

from contextlib import suppress
from dataclasses import dataclass

from exactsend.domain.records import RefusedQuestion
from exactsend.domain.request_purposes import PURPOSES, purpose_of, remedy_for
from exactsend.errors import ApiError, LedgerError, Refused, Resting, is_refusal
from exactsend.exact.wire import SALES_ORDERS
from exactsend.http.allowance.exact_limits import RIGHT_OF
from exactsend.operations.doctor.checks import CheckContext, Found, Remark, Trouble
from exactsend.operations.doctor.endpoint_reads import ANY_TIME
from exactsend.views.text.refused_requests import SERVICES, refused_sentence, what_is_refused
from exactsend.views.text.time_format import moment_text

_FORBIDDEN = 403
_MOST_IN_VAIN = 2
RIGHT_TO_ASK = "Organization administration"
"""What the app needs to ask for the user's rights (Exact, REST API reference: UsersUserHasRights)."""
_WMS = "Logistics wms"
_MODULE = (
    " Goods deliveries are part of Exact's trade module (Handel, Wholesale): look whether the licence has it."
)


@dataclass(frozen=True)
class Lack:
    """Who lacks the right to a question, and what to do."""

    words: str
    remedy: str


def trouble_of(case: CheckContext, method: str, endpoint: str, error: ApiError) -> Trouble:
    """What to say of a question of Exact's or Sendcloud's that was just asked in vain."""
    service = "sendcloud" if error.api == "Sendcloud" else "exact"
    before = _remembered(case, method, endpoint)
    why = not_done_for_lack_of(service, method, endpoint)
    if isinstance(error, Resting) or not is_refusal(error):
        return Trouble(error.message, error.hint, why)
    now = RefusedQuestion(
        service=service,
        method=method,
        endpoint=endpoint,
        status=error.http_status,
        since=before.since if before else case.now,
        asked_at=case.now,
        said=words_of(error),
    )
    return _told(case, now, refused_sentence(now) if before else what_is_refused(now))


def remembered(case: CheckContext) -> Found:
    """What runs have been refused: what answers again now, and what could not be asked here."""
    for question in case.memory.refused.oldest_first:
        if right_to(question) in case.lacking_scopes:
            continue  # that finding says it for all of them
        yield from _asked_again(case, question)
        if question.method == "GET" and question.endpoint in case.asked:
            # Where it was refused again, that is a finding already.
            if question.endpoint in case.answered:
                since = moment_text(question.since)
                yield Remark(
                    f"{SERVICES[question.service]} answers {question.endpoint} again, which it refused since {since};"
                    " the next run that asks goes on with it"
                )
        else:
            yield _told(case, question, refused_sentence(question))


def _asked_again(case: CheckContext, question: RefusedQuestion) -> Found:
    """A question that no other check asks while all is well, since runs ask it only where another is refused."""
    reading = ANY_TIME.get(question.endpoint) if question.method == "GET" else None
    is_reached = SALES_ORDERS.path in case.asked
    if reading is None or not is_reached or question.endpoint in case.asked:
        return
    try:
        with case.asking(question.endpoint):
            reading.ask(case)
    except ApiError as error:
        yield trouble_of(case, question.method, question.endpoint, error)


def _remembered(case: CheckContext, method: str, endpoint: str) -> RefusedQuestion | None:
    """The same refusal as runs remember it; None where there is none, or where the ledger can't be read."""
    with suppress(LedgerError):
        for refusal in case.memory.refused.oldest_first:
            if (refusal.method, refusal.endpoint) == (method, endpoint):
                return refusal
    return None


def _told(case: CheckContext, question: RefusedQuestion, sentence: str) -> Trouble:
    why = not_done_for_lack_of(question.service, question.method, question.endpoint)
    if question.service == "exact" and question.status == _FORBIDDEN:
        lack = _lack(case, question)
        return Trouble(f"{sentence}: {lack.words}", lack.remedy, why)
    said = f": {question.said}" if question.said else ""
    return Trouble(f"{sentence}{said}", remedy_for(question), why)


def words_of(error: ApiError) -> str:
    """What the service says of a refusal; empty where it says nothing."""
    problems = error.problems if isinstance(error, Refused) else ()
    return "; ".join(problem.detail for problem in problems) or error.said


def not_done_for_lack_of(service: str, method: str, endpoint: str) -> str:
    """What runs don't do, or do otherwise, without the answer; empty for what no run asks."""
    purpose = PURPOSES.get((service, method, endpoint))
    return purpose.not_done if purpose else ""


def right_to(question: RefusedQuestion) -> str:
    """The right on the app's registration that a question needs; empty where none is known."""
    right = purpose_of(question.service, question.method, question.endpoint).right
    return right or RIGHT_OF.get(question.endpoint.partition("?")[0].rsplit("/", 1)[-1], "")


def is_about_the_app(said: str) -> bool:
    """Whether Exact names the rights on the app's registration, and not those of the user or the licence."""
    return "scope" in said.lower()


def _lack(case: CheckContext, question: RefusedQuestion) -> Lack:
    """Who lacks the right to a question of Exact's that was answered with 403."""
    right = right_to(question)
    named = f'the right "{right}"' if right else "the right to it"
    to_the_app = f"Give the app {named} at apps.exactonline.com, then run: exactsend connect"
    module = _MODULE if right == _WMS else ""
    if is_about_the_app(question.said):
        return Lack(f"the app lacks {named}", f"{to_the_app}.")
    match _user_has_right(case, question.method, question.endpoint):
        case False:
            cure = "Give that user the right to it in Exact, or sign in as one who has it: exactsend connect"
            return Lack("the user who signed in lacks the right to it", f"{cure}.{module}")
        case True:
            licence = module or " If it has that right, look whether the licence has the module."
            cure = f"{to_the_app}.{licence}"
            return Lack("the user has the right to it, so the app or the licence lacks it", cure)
        case None:
            cure = f"Give the user who signed in the right to it in Exact, and the app {named} at apps.exactonline.com"
            return Lack(
                "whether the app or the user lacks the right is not known, since Exact does not tell that either",
                f"{cure}, then run: exactsend connect.{module}",
            )


def users_rights(case: CheckContext) -> Found:
    """Whether the user has each right that runs need. Who lacks one may be shown an empty list instead of a refusal.

    Source: Exact, knowledge base, "Tips and tricks", "Check rights before use" (read 2026-11-30). A right to write can't be found
    out otherwise without writing.
    """
    attaches = case.policy.labels.attach_to_delivery
    for method, endpoint in (*_NEEDED, *(_NEEDED_TO_ATTACH if attaches else ())):
        has_it = _user_has_right(case, method, endpoint)
        if has_it is None and not _may_ask(case):
            yield Remark("Exact does not say which rights the user who signed in has")
            return
        was_refused = method == "GET" and endpoint in case.asked - case.answered
        if has_it is False and not was_refused:
            yield Trouble(
                f"Exact says that the user who signed in has no right to {method} {endpoint}",
                "Give that user the right to it in Exact, or sign in as one who has it: exactsend connect",
                not_done_for_lack_of("exact", method, endpoint),
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


def _user_has_right(case: CheckContext, method: str, endpoint: str) -> bool | None:
    """What Exact says of the user's right; None where it does not say."""
    asked = _as_asked(endpoint)
    if asked is None:
        return None
    key = (asked, method)
    if key not in case.user_rights and _may_ask(case):
        try:
            case.user_rights[key] = case.exact.user_has_right(asked, method)
        except ApiError:
            case.user_rights[key] = None
    return case.user_rights.get(key)


def _may_ask(case: CheckContext) -> bool:
    if RIGHT_TO_ASK in case.lacking_scopes:
        return False
    return list(case.user_rights.values()).count(None) < _MOST_IN_VAIN


def _as_asked(endpoint: str) -> str | None:
    """An endpoint in the form that is asked for, ``service/Endpoint``: that of a stream by the listing that it is a stream of.

    None where there is no such form. What Exact says of streams themselves is not known.
    """
    name = endpoint.partition("?")[0].removesuffix("/$count").removeprefix("bulk/")
    name = name.removeprefix("sync/").replace("SalesOrderHeaders", "SalesOrders")
    return name if name.count("/") == 1 else None
