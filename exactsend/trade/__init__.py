"""Maps Exact's records to Sendcloud's requests, and shipments to updates of Exact. Pure functions.

Reads nothing, writes nothing, uses no clock. What cannot be mapped raises ``Held`` with a problem that names the record
and the field to correct; valid models raise nothing else. In reading order: ``goods`` (what is sent), ``recipient`` and
``address`` (to whom and where), ``shipping_option`` and ``service_point`` (how), ``weight``, ``pricing`` and ``units``
(the amounts), ``customs``, then the requests ``incoming_order`` and ``shipment_request``, and for Exact
``exact_update``.
"""
