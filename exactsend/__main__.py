"""``python -m exactsend``: the command line, without the console script."""

import sys

from exactsend.cli.main import main

if __name__ == "__main__":
    sys.exit(main())
