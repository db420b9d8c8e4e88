"""Mage: data cleaning."""
