"""Jalon's side of Temporal: the encrypted client, and the door through which receipts reach workflows."""
