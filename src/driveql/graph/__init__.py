"""Pure knowledge of Microsoft Graph: addresses, models, faults, paging, retry decisions, hashes. No I/O, no clock."""
