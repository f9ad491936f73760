"""The package's version, where setup.cfg can read it without importing torch."""

VERSION = "0.1.0"
