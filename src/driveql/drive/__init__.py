"""What a drive can do: list, read, write, and the directory of users, groups, sites and drives around it."""
