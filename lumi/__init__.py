"""Lumi: one self-hosted, multi-tenant platform on which organisations talk with their people."""

__version__ = "0.1.0"
