"""Who answers, and who answers together or better: runs, models of folds, ensembles, what is refined."""
