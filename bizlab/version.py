"""The version of the library, as results and manifests record it."""

__version__ = "0.1.0"
