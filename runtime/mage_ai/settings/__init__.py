"""Mage: settings."""
