"""One resource a file: what each route of Microsoft Graph v1.0 answers."""
