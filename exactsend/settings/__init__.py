"""The configuration. It has no secrets: ``credentials`` finds those.

``load`` reads the file into the values in ``models``, and ``config_errors`` describes its errors. ``default_paths`` finds the file
and the state folder, ``trusted_files`` refuses files that others may change, and ``toml_edit`` adds keys to a file.
"""
