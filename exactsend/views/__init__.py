"""What is shown of a ledger: the data, its text on the terminal and in JSON, and the report page."""
