"""Mage: transformer actions."""
