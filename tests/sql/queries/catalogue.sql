--- What the tables tell of themselves, and what a statement would ask of Graph. None of it sends anything.
-- connection: fresh

-- name: all tables
-- requests: 0
SELECT table_name FROM information_schema.tables ORDER BY table_name;
-- ["changes"]
-- ["drives"]
-- ["files"]
-- ["folders"]
-- ["group_members"]
-- ["groups"]
-- ["items"]
-- ["list_items"]
-- ["lists"]
-- ["permissions"]
-- ["shared_with_me"]
-- ["sites"]
-- ["subscriptions"]
-- ["users"]
-- ["versions"]

-- name: tables shown
-- requests: 0
SELECT name FROM (SHOW TABLES) WHERE name LIKE 'g%' ORDER BY name;
-- ["group_members"]
-- ["groups"]

-- name: a table described
-- requests: 0
SELECT column_name, column_type FROM (DESCRIBE group_members) WHERE column_name LIKE '%id';
-- ["group_id", "VARCHAR"]
-- ["id", "VARCHAR"]

-- name: a query described
-- requests: 0
DESCRIBE SELECT size, size / 2 AS half, last_modified_date_time AS changed, is_folder FROM items;
-- ["size", "BIGINT", "YES", null, null, null]
-- ["half", "DOUBLE", "YES", null, null, null]
-- ["changed", "TIMESTAMP WITH TIME ZONE", "YES", null, null, null]
-- ["is_folder", "BOOLEAN", "YES", null, null, null]

-- name: types of columns
-- requests: 0
SELECT data_type, count(*) FROM information_schema.columns WHERE table_name = 'permissions' GROUP BY 1 ORDER BY 1;
-- ["BOOLEAN", 4]
-- ["TIMESTAMP WITH TIME ZONE", 1]
-- ["VARCHAR", 14]
-- ["VARCHAR[]", 4]

-- name: comments of columns
-- requests: 0
SELECT column_name, column_comment FROM information_schema.columns WHERE table_name = 'items' AND column_name IN ('size', 'e_tag') ORDER BY 1;
-- ["e_tag", "Changes with every change of the item"]
-- ["size", "Size in bytes; of a folder, all that is below it"]

-- name: comments of tables
-- requests: 0
SELECT table_comment FROM information_schema.tables WHERE table_name = 'files';
-- ["Files of a drive, at every depth (needs Files.Read.All)"]

-- name: every table has its columns commented
-- requests: 0
SELECT table_name, column_name FROM information_schema.columns WHERE column_comment IS NULL OR trim(column_comment) = '';
-- no rows

-- name: a statement explained
-- requests: 0
EXPLAIN SELECT name FROM files WHERE path = '/Notes/todo.md';
-- columns: ["explain_key", "explain_value"]
-- holds: get one item by path /Notes/todo.md

-- name: a folder's listing explained
-- requests: 0
EXPLAIN SELECT name FROM files WHERE parent_path = '/Notes' AND size > 1;
-- holds: list the folder /Notes

-- name: a filter of users explained
-- requests: 0
EXPLAIN SELECT display_name FROM users WHERE department = 'IT' AND length(surname) > 3;
-- holds: department eq 'IT'

-- name: a join explained says what each table asks
-- requests: 0
EXPLAIN SELECT f.name FROM files f JOIN users u ON u.mail = f.created_by_user_email WHERE f.path LIKE '/Reports/%' AND u.department = 'IT';
-- holds: walk /Reports
-- holds: department eq 'IT'

-- name: a write explained is its search for the rows
-- requests: 0
EXPLAIN DELETE FROM files WHERE parent_path = '/Notes';
-- holds: list the folder /Notes

-- name: sums of no rows
SELECT count(*), sum(size), min(name), list(name) FROM items WHERE path = '/None';
-- [0, null, null, null]
