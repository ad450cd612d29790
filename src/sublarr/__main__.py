"""`python -m sublarr`: the same as the command `sublarr`."""

from sublarr.cli import main

if __name__ == "__main__":
    main()
