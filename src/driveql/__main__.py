"""`python -m driveql` is the command `driveql`, for where its script is not on the PATH."""

from driveql.cli.main import main

if __name__ == "__main__":
    main()
