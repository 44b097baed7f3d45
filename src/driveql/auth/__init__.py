"""Who the application is, proved to Entra ID: keys, client assertions, credentials and the token cache.

Rule: no sockets here. What travels is decided here and carried by a `TokenPost` that the transport gives.
"""
