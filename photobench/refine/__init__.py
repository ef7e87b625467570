"""What a trained model's answers can gain without training: other views, temperatures, decision rules. Arrays only, no torch."""
