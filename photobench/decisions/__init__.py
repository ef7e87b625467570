"""What people decided of photos, and what follows: labels changed, photos left out, groups merged. Pure functions.

Decisions come as a dictionary from their number in the database, the oldest first.
"""
