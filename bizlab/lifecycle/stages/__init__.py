"""Where companies stand, when they came, and how stock and flow close."""
