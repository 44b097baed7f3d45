"""What SQL reads of OneDrive by way of the connection's cache.

Remembered with `metadata`: users, groups and sites, one or all; drives; items by path or id, folders, and everything below a
folder. With `all` also what readers of files look up, and the contents. Never: members, permissions, versions, changes,
subscriptions, what is shared, lists. A statement that writes finds its rows without the cache.
"""
