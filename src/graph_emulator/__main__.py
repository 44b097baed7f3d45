"""`python -m graph_emulator`."""

from graph_emulator.command import main

if __name__ == "__main__":
    raise SystemExit(main())
