"""`python -m promptrail` is the command `promptrail`."""

from promptrail.cli import main

if __name__ == "__main__":
    raise SystemExit(main())
