"""From Exact's records to Sendcloud's requests and back: pure functions of what was read and what the operator decided.

Reads nothing, writes nothing, knows no clock. What cannot be mapped raises ``Held`` with a problem that names the record and
the field to correct; no input that the models accept raises anything else. In reading order: ``goods`` (what goes along),
``recipient`` and ``address`` (to whom and where), ``method`` and ``service_point`` (how), ``weight``, ``money`` and ``pieces``
(the amounts), ``customs``, then the two requests, ``incoming`` and ``shipment``, and the way back, ``exact_update``.
"""
