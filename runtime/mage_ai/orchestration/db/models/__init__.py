"""Mage: models of its database."""
