"""A secret that is an ordinary word: its values are blank in what is printed, and the program's own names stay."""

import io
import json

from exactsend.cli.terminal import Terminal
from exactsend.http.messages import Json
from exactsend.http.redaction import Redaction
from exactsend.views.text.tables import Table


def terminal(secret: str) -> tuple[Terminal, io.StringIO]:
    page = io.StringIO()
    return Terminal(page, io.StringIO(), blanked=Redaction([secret]).blanked), page


def test_a_documents_fields_and_schema_keep_their_names() -> None:
    out, page = terminal("orders")

    out.document({"schema": "exactsend.orders/1", "orders": [{"orders": 5, "message": "the orders of 4711"}]})

    assert json.loads(page.getvalue()) == {
        "schema": "exactsend.orders/1",
        "orders": [{"orders": 5, "message": "the [redacted] of 4711"}],
    }


def test_so_do_those_of_a_long_document() -> None:
    out, page = terminal("orders")
    rows: list[Json] = [{"orders": "no orders"}, {"orders": "none"}]

    out.long_document({"schema": "exactsend.orders/1"}, "orders", rows)

    assert json.loads(page.getvalue()) == {
        "schema": "exactsend.orders/1",
        "orders": [{"orders": "no [redacted]"}, {"orders": "none"}],
    }


def test_a_secret_with_characters_that_json_escapes_is_blank_too() -> None:
    out, page = terminal('pass"wörd')

    out.document({"message": 'refused: pass"wörd'})

    assert json.loads(page.getvalue()) == {"message": "refused: [redacted]"}


def test_a_tables_headings_keep_their_names() -> None:
    out, page = terminal("orders")

    out.table(Table(("orders", "message"), [("5", "no orders")]))

    assert page.getvalue().split() == ["orders", "message", "5", "no", "[redacted]"]
