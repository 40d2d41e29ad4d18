"""``exactsend demo``: the whole job on the sandbox, told to somebody who knows neither service.

``story`` tells it, ``stage`` is where it plays, ``trial_set_up`` is the configuration that goes with the sandbox's small shop.
What is shown is what the program says: every command runs as users run it, and each claim is checked against what then stands
on both sides.
"""

from exactsend.sandbox.demo.session import Program
from exactsend.sandbox.demo.walkthrough import demo

__all__ = ["Program", "demo"]
