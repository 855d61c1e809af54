"""Transcripts become searchable passages."""
