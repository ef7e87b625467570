"""Options looked for: a learning rate, a batch size, or everything at once by many cheap trainings."""
