"""Mage: triggers from code."""
