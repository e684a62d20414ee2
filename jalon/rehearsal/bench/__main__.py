"""`python -m jalon.rehearsal.bench`"""

from __future__ import annotations

import sys

from jalon.rehearsal.bench import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
