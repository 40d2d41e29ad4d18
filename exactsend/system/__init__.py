"""What a process needs from its machine: the clock, signals, its log, durable files and the lock."""
