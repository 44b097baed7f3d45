"""Saved queries of a connection: SQL in files beside the connections file, read by name where a table could stand."""
