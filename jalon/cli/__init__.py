"""The subcommands of `jalon`, one file each."""
