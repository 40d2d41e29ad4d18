"""``exactsend demo``: shows the whole job on the sandbox to somebody who knows neither service.

``walkthrough`` has the chapters, ``session`` runs the commands, ``configuration`` writes the configuration. Every command
runs as users run it, and each claim is checked against what is then stored on both sides.
"""

from exactsend.sandbox.demo.session import Program
from exactsend.sandbox.demo.walkthrough import demo

__all__ = ["Program", "demo"]
