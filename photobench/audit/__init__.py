"""What is probably wrong with the photos and their labels: checks that turn Evidence into Findings."""
