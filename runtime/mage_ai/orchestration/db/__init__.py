"""Mage: its database. There is none here."""
