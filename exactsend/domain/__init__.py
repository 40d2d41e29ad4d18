"""The program's own types, pure: ids, policy, and the ledger's records of orders, deliveries and shipments."""
