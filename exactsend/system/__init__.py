"""The clock, signals, logging, durable files and locks."""
