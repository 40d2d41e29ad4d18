"""The sandbox's control panel: a page that shows the state of both services, and actions of the shop's staff over HTTP.

Neither service has anything like it, and its calls are not recorded.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from werkzeug import Request, Response

from exactsend.sandbox.exact.office import Office
from exactsend.sandbox.exact.rows import StoredRow
from exactsend.sandbox.sendcloud.panel import Panel

PREFIX = "/_sandbox/"

_STATUS_NAMES = {12: "open", 20: "partly delivered", 21: "delivered", 45: "cancelled"}
_UNAPPROVED = 0


@dataclass(frozen=True)
class PanelAction:
    """An action of the shop's staff."""

    example: str
    """An example of its path and parameters."""
    meaning: str
    do: Callable[["ControlPanel", Mapping[str, str]], str]


class ControlPanel:
    """Answers requests below ``/_sandbox/``."""

    def __init__(self, office: Office, panel: Panel) -> None:
        self._office = office
        self._panel = panel

    def __call__(self, request: Request) -> Response:
        """Return the page for a GET, do the action for a POST."""
        name = request.path.removeprefix(PREFIX)
        if request.method in {"GET", "HEAD"} and not name:
            return _text(self.page(request.host_url.rstrip("/")))
        if name not in ACTIONS:
            return _text(f"There is no {name!r} here; see {PREFIX}", 404)
        if request.method != "POST":
            return _text(f"Ask for it with: curl -X POST '{request.url}'", 405)
        try:
            return _text(ACTIONS[name].do(self, {**request.args, **request.form}))
        except (LookupError, ValueError) as problem:
            return _text(f"That can't be done: {problem.args[0] if problem.args else problem}", 400)

    def page(self, url: str) -> str:
        """The orders, deliveries and labels of both services, and the actions."""
        actions = [
            f"  curl -X POST '{url}{PREFIX}{action.example}'\n      {action.meaning}"
            for action in ACTIONS.values()
        ]
        parts = [
            "The sandbox of exactsend: Exact Online and Sendcloud, simulated. You are the shop's staff.",
            _listed("Exact: sales orders", map(self._order_line, self._office.order_numbers())),
            _listed("Exact: goods deliveries", map(self._delivery_line, self._office.delivery_numbers())),
            _listed(
                "Sendcloud: incoming orders", (f"  {order.order_number}" for order in self._panel.incoming())
            ),
            _listed("Sendcloud: labels", self._label_lines()),
            _listed("What you can do", actions),
        ]
        return "\n\n".join(parts)

    # ── the page ─────────────────────────────────────────────────────────────────────────────────

    def _order_line(self, number: int) -> str:
        order = self._office.order(number)
        approved = "" if order["ApprovalStatus"] != _UNAPPROVED else ", not approved"
        status = _STATUS_NAMES.get(order.number("Status"), str(order["Status"]))
        return f"  {number}  {status}{approved}  to {self._street_and_city(order)}"

    def _delivery_line(self, number: int) -> str:
        orders = ", ".join(map(str, self._office.orders_of(number)))
        tracking = self._office.tracking(number) or "no tracking number"
        return f"  {number}  of order {orders}  {tracking}"

    def _label_lines(self) -> list[str]:
        return [
            f"  {label.order_number}  {label.option.code}  {label.tracking_number}  made by {label.made_by}"
            for label in self._panel.labels()
        ]

    def _street_and_city(self, order: StoredRow) -> str:
        address = self._office.address(order.text("DeliveryAddress"))
        return f"{address.text('AddressLine1')}, {address.text('City')} {address.text('Country')}"

    # ── the actions ──────────────────────────────────────────────────────────────────────────────

    def deliver(self, parameters: Mapping[str, str]) -> str:
        """Deliver an order, or some pieces of one item of it."""
        pieces = {parameters["item"]: float(parameters.get("quantity", 1))} if "item" in parameters else None
        number = self._office.deliver(_number(parameters, "order"), pieces)
        return f"Goods delivery {number} was made in Exact."

    def approve(self, parameters: Mapping[str, str]) -> str:
        """Approve an order."""
        number = _number(parameters, "order")
        self._office.approve_order(number)
        return f"Order {number} is approved."

    def cancel(self, parameters: Mapping[str, str]) -> str:
        """Cancel an order."""
        number = _number(parameters, "order")
        self._office.cancel_order(number)
        return f"Order {number} is cancelled."

    def address(self, parameters: Mapping[str, str]) -> str:
        """Correct the first line of an order's delivery address."""
        number = _number(parameters, "order")
        line = _required(parameters, "line")
        self._office.correct_address(self._office.order(number).text("DeliveryAddress"), AddressLine1=line)
        return f"The delivery address of order {number} is {line} now."

    def label(self, parameters: Mapping[str, str]) -> str:
        """Make a label in the panel."""
        shipment = self._panel.make_label(_required(parameters, "number"), parameters.get("option"))
        if not shipment.is_live:
            return f"Sendcloud could not announce it: {shipment.status}."
        return f"A label was made in Sendcloud's panel: {shipment.tracking_number}."

    def cancel_label(self, parameters: Mapping[str, str]) -> str:
        """Cancel a label in the panel."""
        shipment = self._panel.cancel_label(_required(parameters, "number"))
        return f"Label {shipment.tracking_number} is cancelled."


ACTIONS: Mapping[str, PanelAction] = {
    "deliver": PanelAction(
        "deliver?order=4711",
        "Exact: deliver what is left of an order; also &item=MUG&quantity=6",
        ControlPanel.deliver,
    ),
    "approve": PanelAction("approve?order=4717", "Exact: approve an order", ControlPanel.approve),
    "cancel": PanelAction("cancel?order=4712", "Exact: cancel an order", ControlPanel.cancel),
    "address": PanelAction(
        "address?order=4715&line=Dorpsstraat%2012", "Exact: correct a delivery address", ControlPanel.address
    ),
    "label": PanelAction(
        "label?number=4716", "Sendcloud: make a label in the panel; also &option=dpd:home", ControlPanel.label
    ),
    "cancel-label": PanelAction(
        "cancel-label?number=4711", "Sendcloud: cancel a label in the panel", ControlPanel.cancel_label
    ),
}


def _number(parameters: Mapping[str, str], name: str) -> int:
    value = _required(parameters, name)
    if not value.isdecimal():
        raise ValueError(f"{name} must be a number, not {value!r}")
    return int(value)


def _required(parameters: Mapping[str, str], name: str) -> str:
    if not parameters.get(name):
        raise ValueError(f"{name}=… is missing")
    return parameters[name]


def _listed(title: str, lines: Iterable[str]) -> str:
    return "\n".join([title, *(list(lines) or ["  none"])])


def _text(page: str, status: int = 200) -> Response:
    return Response(f"{page}\n", status, content_type="text/plain; charset=utf-8")
