"""Rules of the house that a reader would otherwise have to check by eye; STYLE by example, limits by test."""
