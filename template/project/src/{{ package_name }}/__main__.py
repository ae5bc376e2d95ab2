"""`python -m <package>`: the same commands as the installed script."""

from .ops.cli import main

if __name__ == "__main__":
    main()
