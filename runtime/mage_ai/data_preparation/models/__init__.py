"""Mage: models."""
