"""Vendure 3.7, a commerce back-office with two admin screens (Angular and React) on the same data; GPL-3.0, used for tests only."""
