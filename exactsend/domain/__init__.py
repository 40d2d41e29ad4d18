"""The program's own notions, pure: ids, policy, and what the ledger remembers of orders and deliveries."""
