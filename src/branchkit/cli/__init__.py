"""The command line: stable names, fields and exit codes that other programs may rely on.

Exit codes: 0 done; 1 "no" (something was refused, a verification failed, ``--fail-on`` was met); 2 usage or bad input.
``-`` is standard input; ``--json`` prints one object, or one a line for lists. Output is UTF-8 on every system.
"""

import io
import sys

__all__ = ["main"]


def main() -> None:
    """Run the command line."""
    from branchkit.cli.app import build

    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # Windows would write Chinese in a code page that may not have it; a file's name may hold any bytes.
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")
    build()(prog_name="branchkit")
