"""The command line: stable names, fields and exit codes that other programs may rely on.

Exit codes: 0 done; 1 "no" (something was refused, a verification failed, ``--fail-on`` was met); 2 usage or bad input;
3 a fault in the program itself, with its traceback.
``-`` is standard input; ``--json`` prints one object, or one a line for lists. Output is UTF-8 on every system.
"""

import io
import sys
import traceback

__all__ = ["main"]


def main() -> None:
    """Run the command line."""
    from branchkit.cli.app import build

    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # Windows would write Chinese in a code page that may not have it; a file's name may hold any bytes.
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")
    try:
        build()(prog_name="branchkit")
    except Exception:  # noqa: BLE001 (Python would end with 1, which here means "no")
        traceback.print_exc()
        sys.exit(3)
