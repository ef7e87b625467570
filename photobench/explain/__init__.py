"""Where a model looks: which parts of a photo speak for what it says."""
