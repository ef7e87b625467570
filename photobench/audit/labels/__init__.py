"""Which labels are wrong: the core works on arrays (`suspicion.suspect`), the checks on Evidence (`check`, `ambiguous`)."""
