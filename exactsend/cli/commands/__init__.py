"""The commands: one module each, with its options and the one call that carries it out.

The modules are loaded to parse options, to show help and to complete words. Everything else is therefore imported inside the functions.
"""
