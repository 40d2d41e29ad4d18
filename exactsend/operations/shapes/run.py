"""Reads a few rows of everything from both services, to see their shapes."""

from collections.abc import Callable

from exactsend.engine.wiring import Wiring
from exactsend.operations.shapes.differences import EndpointAnswer
from exactsend.operations.shapes.exact_reads import read_exact
from exactsend.operations.shapes.headers import Headers
from exactsend.operations.shapes.reader import Reader
from exactsend.operations.shapes.sendcloud_reads import read_sendcloud
from exactsend.settings.models import DivisionSettings


def read_shapes(
    wiring: Wiring, division: DivisionSettings, progress: Callable[[str], None]
) -> list[EndpointAnswer]:
    """What both services answer. The other is asked even if one can't be reached."""
    clock, sendcloud_url = wiring.process.clock, wiring.settings.sendcloud.base_url
    with wiring.services(division, pinned=wiring.pins(division), show_phase=progress) as services:
        exact_headers = Headers("exact", division.exact.host_url, clock)
        sendcloud_headers = Headers("sendcloud", sendcloud_url, clock)
        exact = Reader("exact", services.exact_transport, exact_headers, progress)
        sendcloud = Reader("sendcloud", services.sendcloud_transport, sendcloud_headers, progress)
        read_exact(exact, division.code, division.policy, clock())
        read_sendcloud(sendcloud, clock())
    return [*exact.answers, exact_headers.as_answer(), *sendcloud.answers, sendcloud_headers.as_answer()]
