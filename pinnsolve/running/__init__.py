"""While a solve goes on: budgets, clocks, interruption, the history of its steps."""
