"""Telling people how runs ended, as Mage's `notification_config` says."""
