"""The interactive shell of `driveql sql`: what needs no terminal to be decided is decided in pure modules beside `terminal`."""
