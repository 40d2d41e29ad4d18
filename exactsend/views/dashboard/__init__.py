"""The read model as one self-contained HTML page: looks at everything, asks nobody, decides nothing.

``writing`` reads the divisions and replaces the file, ``page`` renders, ``rows`` has the table's content, ``chart`` the geometry,
``links`` what is known of the services' own pages. Look and behaviour stand in ``templates`` and ``assets``.
"""
