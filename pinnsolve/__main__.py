"""`python -m pinnsolve` is the command `pinnsolve`."""

from pinnsolve.cli.main import main

if __name__ == "__main__":
    main()
