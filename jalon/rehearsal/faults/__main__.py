"""`python -m jalon.rehearsal.faults`"""

from __future__ import annotations

import sys

from jalon.rehearsal.faults import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
