"""The package's version, where setup.cfg can read it without importing torch."""

VERSION = "0.2.0rc1"
