"""A model of this project: trained, watched, diagnosed, and asked."""
