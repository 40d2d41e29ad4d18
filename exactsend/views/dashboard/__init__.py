"""The report: one self-contained HTML page about all divisions, made without calls to the services.

``page_file`` reads the divisions and writes the file, ``page`` renders it, ``rows`` has the table of deliveries, ``chart`` the geometry,
and ``service_links`` the addresses of the services' own pages. ``templates`` and ``assets`` define look and behaviour.
"""
