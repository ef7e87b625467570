"""What is handed in: the submission, the ledger of all of them, and what to send next."""
