--- The cache of SQL, by the requests that it saves, and what EXPLAIN ANALYZE tells of a query that did run.
-- connection: cached

-- name: the same listing again asks nothing
SELECT size, name FROM items WHERE parent_path = '/Notes' ORDER BY size;
-- [0, "Empty.txt"]
-- [89, "todo.md"]
-- requests: 0
SELECT name FROM items WHERE parent_path = '/Notes' ORDER BY name;
-- ["Empty.txt"]
-- ["todo.md"]

-- name: what was not found is not remembered
-- requests: 1
SELECT name FROM items WHERE path = '/Notes/never.txt';
-- no rows
-- requests: 1
SELECT name FROM items WHERE path = '/Notes/never.txt';
-- no rows

-- name: off, everything is asked for again
SET driveql.cache = 'none';
-- requests: 1
SELECT count(*) FROM items WHERE parent_path = '/Notes';
-- [2]
-- requests: 1
SELECT count(*) FROM items WHERE parent_path = '/Notes';
-- [2]
SET driveql.cache = 'metadata';
SELECT count(*) FROM items WHERE parent_path = '/Notes';
-- [2]
-- requests: 0
SELECT count(*) FROM items WHERE parent_path = '/Notes';
-- [2]

-- name: a query that is analyzed is run, and its requests are told
SET driveql.cache = 'none';
-- requests: 1
EXPLAIN ANALYZE SELECT name FROM files WHERE parent_path = '/Notes';
-- holds: list the folder /Notes
-- holds: 1 request
-- holds: 2 rows
SET driveql.cache = 'metadata';
SELECT 1;
-- [1]

-- name: a query that is analyzed tells what the cache answered
SELECT count(*) FROM files WHERE parent_path = '/Settings';
-- [1]
-- requests: 0
EXPLAIN ANALYZE SELECT count(*) FROM files WHERE parent_path = '/Settings';
-- holds: list the folder /Settings
-- holds: 0 requests
