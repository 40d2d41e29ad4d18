"""The rights of the signed-in user, which limit those of the app.

When the user lacks a right, Exact refuses one resource and answers another of the same scope (a connector's decision
record, read 2026-11-30); its knowledge base says that an empty list may be shown instead ("Integrate efficiently with
OData", read 2026-11-30). ``users/UserHasRights`` shows whether a right is missing.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from exactsend.sandbox.exact.answers import ExactRefusal
from exactsend.sandbox.exact.behaviour import ExactBehaviour
from exactsend.sandbox.exact.structure import entities
from exactsend.sandbox.json_tree import Json

PATH = "users/UserHasRights"
ACTIONS = frozenset({"GET", "POST", "PUT", "DELETE"})

_NAME_PARTS = 2


@dataclass
class UserRights:
    """The rights of the user: all except those withheld."""

    _withheld: set[tuple[str, str]] = field(default_factory=set)

    def withhold(self, endpoint: str, *actions: str) -> None:
        """Withhold rights to an endpoint: these actions, or all.

        Raises:
            ValueError: there is no such endpoint.
        """
        if endpoint not in entities():
            raise ValueError(f"the sandbox has no endpoint {endpoint}")
        self._withheld |= {(endpoint, action) for action in actions or ACTIONS}

    def give_back(self) -> None:
        """Give all rights back."""
        self._withheld.clear()

    def allow(self, endpoint: str, action: str) -> bool:
        """Whether the user has the right to this action at an endpoint."""
        return (endpoint, action) not in self._withheld


def user_has_rights(rights: UserRights, options: Mapping[str, str], behaviour: ExactBehaviour) -> Json:
    """The answer of ``users/UserHasRights``: whether the user may do ``action`` at ``endpoint``.

    Source: Exact, REST API reference, Users/UserHasRights: the endpoint has the form ``service/endpoint``, the action is
    GET, POST, PUT or DELETE, and both are mandatory. The answer to other names is not documented.

    Raises:
        ExactRefusal: 400, for a missing or unknown parameter.
    """
    endpoint, action = _quoted(options, "endpoint"), _quoted(options, "action")
    path = next((path for path in entities() if path.lower() == endpoint.lower()), None)
    if path is None or len(endpoint.split("/")) != _NAME_PARTS:
        raise ExactRefusal(400, f"The value '{endpoint}' of the parameter endpoint is not valid.")
    if action not in ACTIONS:
        raise ExactRefusal(400, f"The value '{action}' of the parameter action is not valid.")
    may = rights.allow(path, action)
    return {"d": {"UserHasRights": may} if behaviour.rights_in_object else may}


def _quoted(options: Mapping[str, str], name: str) -> str:
    text = options.get(name, "")
    if len(text) < len("''") or not (text.startswith("'") and text.endswith("'")):
        raise ExactRefusal(400, "The parameters endpoint and action are required.")
    return text[1:-1]
