"""What a connection remembers of Graph's answers: off by default, per connection identity, bounded in bytes and in age.

The cache is asked by SQL alone; the drive layer, the commands and fsspec always ask Graph. Every write of any of them drops
what it may have touched. An answer is kept whole or not at all, with the moment at which it was asked for, and is served for
`CacheTtl` seconds from then; errors are never kept, nor is any pre-authenticated URL, token or secret.
"""
