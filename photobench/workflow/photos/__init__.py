"""From a folder of photos to photos ready for a model: proposed as a project, prepared, cut."""
