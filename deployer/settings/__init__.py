"""What a project asks its surroundings for, and what of it must stay secret."""
