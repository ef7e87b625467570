"""What a person is shown to understand: the data, where a model looks and fails, the report of it all."""
