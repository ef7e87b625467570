"""All runs beside each other: listed, told, compared, cleared away."""
