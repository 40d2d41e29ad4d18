"""From what was read to what is to be done. Pure: no clock, no network, no disk.

``orders`` decides about sales orders; ``labels`` about goods deliveries, ``labelled`` about those that have their label and ``lost`` about
those that can't be judged; ``entries`` about the incoming orders that deliveries own; ``writebacks`` about what goes back into Exact.
``look`` judges the last look before a purchase; ``guard`` stops purchases.
"""
