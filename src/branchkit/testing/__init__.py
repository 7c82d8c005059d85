"""What a plug-in author tests with: laws to inherit, models to compare with, strategies to draw from."""

__all__: list[str] = []
