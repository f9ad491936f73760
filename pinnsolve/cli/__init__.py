"""The command `pinnsolve`."""
