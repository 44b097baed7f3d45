--- Values that are given beside the statement.

-- name: by position
-- parameters: ["/Notes", 50]
-- requests: 1
SELECT name FROM files WHERE parent_path = ? AND size > ?;
-- ["todo.md"]

-- name: by name with a dollar
-- parameters: {"folder": "/Notes", "least": 0}
-- requests: 1
SELECT name FROM files WHERE parent_path = $folder AND size > $least;
-- ["todo.md"]

-- name: by name with a colon
-- parameters: {"folder": "/Notes"}
-- requests: 1
SELECT count(*) FROM files WHERE parent_path = :folder;
-- [2]

-- name: one name twice
-- parameters: {"name": "todo.md"}
SELECT count(*), $name FROM files WHERE name = $name;
-- [1, "todo.md"]

-- name: a value is no SQL
-- parameters: ["x' OR 1=1 --"]
SELECT count(*) FROM files WHERE name = ?;
-- [0]

-- name: a value with every quote
-- parameters: ["O'Neill"]
-- requests: 1
SELECT given_name FROM users WHERE surname = ?;
-- ["Dmitri"]

-- name: an empty value is not NULL
-- parameters: [""]
SELECT count(*) FROM users WHERE department = ? OR department IS NULL;
-- [1]

-- name: NULL as a value equals nothing
-- parameters: [null]
SELECT count(*) FROM users WHERE department = ?;
-- [0]

-- name: NULL as a value is not distinct from NULL
-- parameters: [null]
SELECT display_name FROM users WHERE department IS NOT DISTINCT FROM ?;
-- ["Pat Partner"]

-- name: a list as a value
-- parameters: [["/Notes/todo.md", "/Settings/profile.json"]]
SELECT name FROM files WHERE list_contains(?, path) ORDER BY name;
-- ["profile.json"]
-- ["todo.md"]

-- name: values in IN
-- parameters: ["IT", "Sales"]
-- requests: 1
SELECT display_name FROM users WHERE department IN (?, ?) ORDER BY 1;
-- ["Bruno Keller"]
-- ["Chiara Lindqvist"]

-- name: an owner as a value
-- parameters: ["/users/bruno@contoso.com"]
SELECT DISTINCT owner FROM folders WHERE owner = ?;
-- ["/users/bruno@contoso.com"]

-- name: the beginning of a path as a value
-- parameters: ["/Reports/%"]
SELECT count(*) FROM files WHERE path LIKE ?;
-- [6]

-- name: values of other types
-- parameters: [true, 1.5, 12345678901234567890, null]
SELECT ?, ?, ?, ?;
-- [true, 1.5, 12345678901234567890, null]

-- name: a limit as a value
-- parameters: [2]
SELECT name FROM files WHERE parent_path = '/Reports/2026' ORDER BY name LIMIT ?;
-- ["sales-2026-01.csv"]
-- ["sales-2026-02.csv"]

-- name: a question mark in text and in a comment is none
-- parameters: ["todo.md"]
SELECT name, '?' AS mark /* why? */ FROM files WHERE name = ?;
-- ["todo.md", "?"]

-- name: too few values
-- parameters: ["/Notes"]
-- requests: 0
SELECT name FROM files WHERE parent_path = ? AND size > ?;
-- raises: DriveqlError

-- name: too many values
-- parameters: ["/Notes", 1, 2]
-- requests: 0
SELECT name FROM files WHERE parent_path = ? AND size > ?;
-- raises: DriveqlError

-- name: a name that the statement has not
-- parameters: {"folder": "/Notes", "size": 1}
-- requests: 0
SELECT name FROM files WHERE parent_path = $folder;
-- raises: DriveqlError size
