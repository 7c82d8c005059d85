"""The command line: stable names, fields and exit codes that other programs may rely on.

Exit codes: 0 done; 1 "no" (something was refused, a verification failed, ``--fail-on`` was met); 2 usage or bad input.
``-`` is standard input; ``--json`` prints one object, or one a line for lists.
"""

__all__ = ["main"]


def main() -> None:
    """Run the command line."""
    from branchkit.cli.app import build

    build()(prog_name="branchkit")
