"""Is everything in place, here and on both services? Small checks in a table; ``examine`` makes them and collects what they find.

Writes nothing on either service. A check that can't be made is a finding, stops those that need it and no other.
"""
