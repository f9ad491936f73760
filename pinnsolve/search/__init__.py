"""Which basis: fits, choice, growth, null spaces, families."""
