"""Checks the configuration, this machine and both services. ``check_list`` has the checks; ``examine`` runs them.

Nothing is written to either service. A check that fails to run is a finding, and only the checks that need it are skipped.
"""
