"""What is suspicious about the labels, what people decide of it, and what their decisions are worth."""
