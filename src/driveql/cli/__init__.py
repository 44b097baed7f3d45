"""The command line: one command a file, each loaded only when it runs.

Rule: a command says what is done and how it looks; how OneDrive works is known in the rooms below.
"""
