"""What the user may do, and how Exact tells it."""

import pytest
from werkzeug.wrappers import Response

from exactsend.sandbox import starting_worlds
from exactsend.sandbox.exact.user_rights import UserRights
from tests.sandbox.exact.shop import Exact, message


@pytest.fixture
def rights(exact: Exact) -> UserRights:
    return exact.world.exact.user_rights


def ask(exact: Exact, **options: str) -> Response:
    path = f"/api/v1/{starting_worlds.DIVISION}/users/UserHasRights"
    return exact.call("GET", path, query=options, headers=exact.headers)


def has_right(exact: Exact, endpoint: str, action: str = "GET") -> object:
    return ask(exact, endpoint=f"'{endpoint}'", action=f"'{action}'").get_json()["d"]


def test_a_resource_that_the_user_may_not_use_is_forbidden_and_its_siblings_answer(
    exact: Exact, rights: UserRights
) -> None:
    rights.withhold("crm/Contacts")

    refused = exact.get("crm/Contacts", select="ID")

    assert (refused.status_code, message(refused)) == (403, "Forbidden")
    assert exact.get("crm/Addresses", select="ID").status_code == 200
    assert exact.get("sync/CRM/Contacts", select="ID", filter="Timestamp gt 1L").status_code == 200


def test_a_user_may_read_what_he_may_not_write(exact: Exact, rights: UserRights) -> None:
    rights.withhold("documents/Documents", "POST")

    assert exact.ask("POST", "documents/Documents", json={"Subject": "s", "Type": 55}).status_code == 403
    assert exact.get("documents/Documents", select="ID").status_code == 200


def test_by_choice_a_user_without_the_right_is_shown_nothing(exact: Exact, rights: UserRights) -> None:
    exact.world.exact.behaviour.missing_right = "nothing"
    key = exact.rows("logistics/Items", select="ID", filter="Code ne null")[0]["ID"]
    rights.withhold("logistics/Items")

    assert exact.rows("logistics/Items", select="ID", filter="Code ne null") == []
    assert exact.get(f"logistics/Items(guid'{key}')").status_code == 404
    assert exact.ask("PUT", f"logistics/Items(guid'{key}')", json={}).status_code == 403


def test_exact_tells_which_rights_the_user_has(exact: Exact, rights: UserRights) -> None:
    rights.withhold("logistics/Items", "GET")

    assert has_right(exact, "Logistics/Items") is False
    assert has_right(exact, "logistics/Items", "PUT") is True
    assert has_right(exact, "salesorder/GoodsDeliveries") is True
    rights.give_back()
    assert has_right(exact, "Logistics/Items") is True


def test_the_scopes_of_the_app_are_no_rights_of_the_user(exact: Exact) -> None:
    exact.office.set_right("Logistics wms", None)

    refused = exact.get("salesorder/GoodsDeliveries", select="EntryID")

    assert message(refused) == "Forbidden - Application Scope Violated. Cannot read"
    assert has_right(exact, "salesorder/GoodsDeliveries") is True


def test_by_choice_the_answer_is_an_object(exact: Exact) -> None:
    exact.world.exact.behaviour.rights_in_object = True

    assert has_right(exact, "crm/Accounts") == {"UserHasRights": True}


def test_the_question_itself_can_be_forbidden(exact: Exact, rights: UserRights) -> None:
    rights.withhold("users/UserHasRights")

    assert ask(exact, endpoint="'crm/Accounts'", action="'GET'").status_code == 403


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"endpoint": "'crm/Accounts'"},
        {"action": "'GET'"},
        {"endpoint": "crm/Accounts", "action": "GET"},
        {"endpoint": "'crm/Parcels'", "action": "'GET'"},
        {"endpoint": "'sync/CRM/Accounts'", "action": "'GET'"},
        {"endpoint": "'crm/Accounts'", "action": "'READ'"},
    ],
)
def test_both_parameters_must_be_given_as_documented(exact: Exact, options: dict[str, str]) -> None:
    assert ask(exact, **options).status_code == 400


def test_a_right_to_an_endpoint_that_there_is_not_can_not_be_withheld(rights: UserRights) -> None:
    with pytest.raises(ValueError, match="crm/Parcels"):
        rights.withhold("crm/Parcels")
