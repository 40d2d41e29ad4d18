"""What a refused question is told as: whose right is missing, where that can be found out, and what is not done meanwhile.

A 403 of Exact does not say who lacks what: the app's scope ("Application Scope Violated" does), the user's right, the licence. For
the user's right Exact is asked (``users/UserHasRights``), at most twice in vain (S9).
"""

from contextlib import suppress
from dataclasses import dataclass

from exactsend.allowance.exact import RIGHT_OF
from exactsend.doctor.checks import Case, Found, Remark, Trouble
from exactsend.domain.questions import PURPOSES, purpose_of, remedy_for
from exactsend.domain.records import RefusedQuestion
from exactsend.errors import ApiError, LedgerError, Refused, Resting, is_refusal
from exactsend.report.moments import moment_text
from exactsend.report.refusals import SERVICES, refused_sentence, what_is_refused

_FORBIDDEN = 403
_MOST_IN_VAIN = 2
_WMS = "Logistics wms"
_MODULE = (
    " Goods deliveries are part of Exact's trade module (Handel, Wholesale): look whether the licence has it."
)


@dataclass(frozen=True)
class Lack:
    """Who lacks the right to a question, and what to do."""

    words: str
    remedy: str


def trouble_of(case: Case, method: str, endpoint: str, error: ApiError) -> Trouble:
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


def remembered(case: Case) -> Found:
    """What runs have been refused: what answers again now, and what could not be asked here."""
    for question in case.memory.refused.oldest_first:
        if right_to(question) in case.lacking_scopes:
            continue  # that finding says it for all of them
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


def _remembered(case: Case, method: str, endpoint: str) -> RefusedQuestion | None:
    """The same refusal as runs remember it; None where there is none, or where the ledger can't be read."""
    with suppress(LedgerError):
        for one in case.memory.refused.oldest_first:
            if (one.method, one.endpoint) == (method, endpoint):
                return one
    return None


def _told(case: Case, question: RefusedQuestion, sentence: str) -> Trouble:
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
    return right or RIGHT_OF.get(question.endpoint.rsplit("/", 1)[-1], "")


def is_about_the_app(said: str) -> bool:
    """Whether Exact names the rights on the app's registration, and not those of the user or the licence."""
    return "scope" in said.lower()


def _lack(case: Case, question: RefusedQuestion) -> Lack:
    """Who lacks the right to a question of Exact's that was answered with 403."""
    right = right_to(question)
    named = f'the right "{right}"' if right else "the right to it"
    to_the_app = f"Give the app {named} at apps.exactonline.com, then run: exactsend connect"
    module = _MODULE if right == _WMS else ""
    if is_about_the_app(question.said):
        return Lack(f"the app lacks {named}", f"{to_the_app}.")
    match _user_has_right(case, question):
        case False:
            cure = "Give that user the right to it in Exact, or sign in as one who has it: exactsend connect"
            return Lack("the user who signed in lacks the right to it", f"{cure}.{module}")
        case True:
            cure = f"{to_the_app}. If it has that right, look whether the licence has the module."
            return Lack("the user has the right to it, so the app or the licence lacks it", cure)
        case None:
            cure = f"Give the user who signed in the right to it in Exact, and the app {named} at apps.exactonline.com"
            return Lack(
                "whether the app or the user lacks the right is not known, since Exact does not tell that either",
                f"{cure}, then run: exactsend connect.{module}",
            )


def _user_has_right(case: Case, question: RefusedQuestion) -> bool | None:
    """What Exact says of the user's right; None where it does not say."""
    key = (question.endpoint, question.method)
    if key not in case.user_rights:
        if list(case.user_rights.values()).count(None) >= _MOST_IN_VAIN:
            return None
        try:
            case.user_rights[key] = case.exact.user_has_right(*key)
        except ApiError:
            case.user_rights[key] = None
    return case.user_rights[key]
