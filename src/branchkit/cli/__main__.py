"""Run as ``python -m branchkit.cli``."""

from branchkit.cli import main

__all__: list[str] = []

if __name__ == "__main__":
    main()
