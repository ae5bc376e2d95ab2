# Managed by poc2prod; extend with a command of your own in ops/commands/.
"""`python -m <package>`: the same commands as the installed script."""

from .ops.cli import main

if __name__ == "__main__":
    main()
