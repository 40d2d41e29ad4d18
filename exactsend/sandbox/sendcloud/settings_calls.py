"""Reads of the account's settings: keys, integrations, sender addresses, contracts."""

from dataclasses import asdict

from werkzeug import Response

from exactsend.sandbox.json_tree import JsonObject
from exactsend.sandbox.sendcloud.accounts import Integration
from exactsend.sandbox.sendcloud.answers import timestamp
from exactsend.sandbox.sendcloud.call import ApiCall, answer_data
from exactsend.sandbox.sendcloud.catalogue import Contract, SenderAddress
from exactsend.sandbox.sendcloud.paging import page
from exactsend.sandbox.sendcloud.refusals import not_found, wrong_parameter


def get_metadata(call: ApiCall) -> Response:
    """Read the account and the integration of the keys."""
    return answer_data({"user_id": call.account.user_id, "integration_id": call.integration.integration_id})


def list_integrations(call: ApiCall) -> Response:
    """List the account's integrations."""
    return answer_data([_integration(call, integration) for integration in call.account.integrations])


def get_integration(call: ApiCall, integration_id: int) -> Response:
    """Read an integration."""
    integration = call.account.integration(integration_id)
    if integration is None:
        raise not_found("The Integration could not be found with the search criteria given")
    return answer_data(_integration(call, integration))


def _integration(call: ApiCall, integration: Integration) -> JsonObject:
    carriers = sorted(
        code for code, carrier in call.account.carriers().items() if carrier.offers_service_points
    )
    return {
        "id": integration.integration_id,
        "shop_name": integration.shop_name,
        "shop_url": "https://sandbox-shop.example/",
        "type": "api",
        "started_failing_at": None,
        "last_fetched_at": None,
        "created_at": timestamp(integration.created_at),
        "updated_at": timestamp(integration.created_at),
        "service_point_enabled": integration.service_points_enabled,
        "service_point_carriers": list(carriers),
        "webhook_active": False,
        "webhook_url": None,
        "feedback_type": "none",
    }


def list_sender_addresses(call: ApiCall) -> Response:
    """List the account's sender addresses."""
    call.check_query("GET /addresses/sender-addresses")
    rows = [(f"{address.address_id:012d}", address) for address in call.account.sender_addresses]
    found = page(call.request, sorted(rows, key=lambda row: row[0]), size=call.page_size(100))
    return answer_data([_sender_address(address) for address in found.rows], headers=found.headers)


def get_sender_address(call: ApiCall, address_id: int) -> Response:
    """Read a sender address."""
    address = call.account.sender_address(address_id)
    if address is None:
        raise not_found("No sender address found.")
    return answer_data(_sender_address(address))


def _sender_address(address: SenderAddress) -> JsonObject:
    """A sender address; a missing state is the text "null", as in the vendor's example."""
    fields: JsonObject = {name: value for name, value in asdict(address).items() if name != "address_id"}
    signature: JsonObject = {
        "full_name": address.name,
        "initials": "".join(word[0] for word in address.name.split()),
    }
    return {
        **fields,
        "id": address.address_id,
        "address_line_2": "",
        "state_province_code": "null",
        "tax_numbers": [],
        "signature": signature,
    }


def list_contracts(call: ApiCall) -> Response:
    """List the account's carrier contracts."""
    call.check_query("GET /contracts")
    query = call.request.args
    if (carrier := query.get("carrier_code")) is not None and carrier not in call.account.carriers():
        raise wrong_parameter(
            "query carrier", f"Value error, Carrier {carrier} does not exist.", "validation_error"
        )
    wanted = [contract for contract in call.account.contracts if _fits(contract, query.to_dict())]
    found = page(call.request, [(f"{c.contract_id:012d}", c) for c in wanted], size=call.page_size(100))
    return answer_data([_contract(contract) for contract in found.rows], headers=found.headers)


def _fits(contract: Contract, query: dict[str, str]) -> bool:
    properties = {
        "carrier_code": contract.carrier.code,
        "is_active": "true" if contract.is_active else "false",
        "name": contract.name,
        "country_code": contract.country,
        "client_id": "",
    }
    return all(query.get(name, value) == value for name, value in properties.items())


def _contract(contract: Contract) -> JsonObject:
    return {
        "id": contract.contract_id,
        "carrier": {"code": contract.carrier.code, "name": contract.carrier.name},
        "client_id": "",
        "country": contract.country,
        "is_default_per_carrier": True,
        "name": contract.name,
        "state": "active" if contract.is_active else "inactive",
        "type": "transactional",
    }
