"""Reading what is in files beyond what DuckDB's own readers do: arguments of ours, members of archives, parts of JSON."""
