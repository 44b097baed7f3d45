"""`driveql completion`: the script by which a shell completes commands, options and stored connections."""

from __future__ import annotations

import click

_INSTRUCTIONS = {
    "bash": 'Add this line to ~/.bashrc:   eval "$(driveql completion bash)"',
    "zsh": 'Add this line to ~/.zshrc:   eval "$(driveql completion zsh)"',
    "fish": "Run once:   driveql completion fish > ~/.config/fish/completions/driveql.fish",
}


@click.command(
    epilog="\b\nExamples:\n"
    '  eval "$(driveql completion bash)"\n'
    "  driveql completion fish > ~/.config/fish/completions/driveql.fish"
)
@click.argument("shell", type=click.Choice(list(_INSTRUCTIONS)))
def completion(shell: str) -> None:
    """Print the completion script for a shell; its first line says how to install it."""
    from click.shell_completion import get_completion_class

    from driveql.cli.main import driveql

    kind = get_completion_class(shell)
    assert kind is not None
    click.echo(f"# {_INSTRUCTIONS[shell]}")
    click.echo(kind(driveql, {}, "driveql", "_DRIVEQL_COMPLETE").source())
