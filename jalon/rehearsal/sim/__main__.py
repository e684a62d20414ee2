"""`python -m jalon.rehearsal.sim`"""

from __future__ import annotations

import sys

from jalon.rehearsal.sim import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
