"""One file per step of a life. Each names the commands it hears (COMMANDS), what comes due in it (DUE) and, where it needs to know
that an e-mail left, its hooks (SENT); its other functions are what `run` awaits."""
