--- Writing by SQL, into a library of its own; each query has its folder.
-- connection: writer

-- name: a folder and files, in order
INSERT INTO items (path, is_folder) VALUES ('/w1', true) RETURNING path, action, outcome;
-- ["/w1", "create_folder", "done"]
INSERT INTO items (path, content) VALUES ('/w1/a.txt', 'first'), ('/w1/b.txt', 'second'), ('/w1/ü #1.txt', '');
SELECT name, size FROM items WHERE parent_path = '/w1' ORDER BY name;
-- ["a.txt", 5]
-- ["b.txt", 6]
-- ["ü #1.txt", 0]
SELECT content FROM read_text('onedrive:/w1/a.txt');
-- ["first"]

-- name: content from a query
INSERT INTO items (path, is_folder) VALUES ('/w2', true);
INSERT INTO items (path, content) SELECT format('/w2/{}.txt', n), repeat('x', n) FROM range(1, 4) r(n) RETURNING path, size, outcome;
-- ["/w2/1.txt", 1, "done"]
-- ["/w2/2.txt", 2, "done"]
-- ["/w2/3.txt", 3, "done"]
SELECT sum(size) FROM files WHERE parent_path = '/w2';
-- [6]

-- name: bytes as they are
INSERT INTO items (path, is_folder) VALUES ('/w3', true);
INSERT INTO items (path, content) VALUES ('/w3/b.bin', '\x00\xFF\x10'::BLOB);
SELECT content FROM read_blob('onedrive:/w3/b.bin');
-- ["00ff10"]

-- name: a name that is taken
INSERT INTO items (path, is_folder) VALUES ('/w4', true);
INSERT INTO items (path, content) VALUES ('/w4/a.txt', 'old');
INSERT INTO items (path, content) VALUES ('/w4/a.txt', 'new') RETURNING path;
-- raises: AlreadyExistsError /w4/a.txt
SELECT content FROM read_text('onedrive:/w4/a.txt');
-- ["old"]
INSERT OR IGNORE INTO items (path, content) VALUES ('/w4/a.txt', 'new') RETURNING path, outcome;
-- ["/w4/a.txt", "skipped"]
INSERT OR REPLACE INTO items (path, content) VALUES ('/w4/a.txt', 'new') RETURNING path, outcome;
-- ["/w4/a.txt", "done"]
SELECT content FROM read_text('onedrive:/w4/a.txt');
-- ["new"]
SELECT id, size FROM versions WHERE path = '/w4/a.txt' ORDER BY id;
-- ["1.0", 3]
-- ["2.0", 3]

-- name: a free name is found
INSERT INTO items (path, is_folder) VALUES ('/w5', true);
INSERT INTO items (path, content) VALUES ('/w5/a.txt', '1');
INSERT INTO items (path, content, conflict) VALUES ('/w5/a.txt', '2', 'rename') RETURNING path, outcome;
-- ["/w5/a 1.txt", "done"]

-- name: renamed and described
INSERT INTO items (path, is_folder) VALUES ('/w6', true);
INSERT INTO items (path, content) VALUES ('/w6/a.txt', 'x');
UPDATE items SET name = 'b.txt', description = 'B''s' WHERE path = '/w6/a.txt' RETURNING path, description, outcome;
-- ["/w6/b.txt", "B's", "done"]
SELECT name, description FROM items WHERE parent_path = '/w6';
-- ["b.txt", "B's"]

-- name: moved by a rule
INSERT INTO items (path, is_folder) VALUES ('/w7', true), ('/w7/large', true);
INSERT INTO items (path, content) VALUES ('/w7/a.txt', 'x'), ('/w7/b.txt', 'xxxx'), ('/w7/c.txt', 'xxxxx');
UPDATE files SET parent_path = '/w7/large' WHERE parent_path = '/w7' AND size > 3 RETURNING path;
-- in any order
-- ["/w7/large/b.txt"]
-- ["/w7/large/c.txt"]
SELECT path FROM files WHERE path LIKE '/w7/%' ORDER BY path;
-- ["/w7/a.txt"]
-- ["/w7/large/b.txt"]
-- ["/w7/large/c.txt"]

-- name: a name computed from the row
INSERT INTO items (path, is_folder) VALUES ('/w8', true);
INSERT INTO items (path, content) VALUES ('/w8/one.TXT', ''), ('/w8/two.TXT', '');
UPDATE files SET name = lower(name) || '.bak' WHERE parent_path = '/w8';
SELECT name FROM files WHERE parent_path = '/w8' ORDER BY 1;
-- ["one.txt.bak"]
-- ["two.txt.bak"]

-- name: deleted where a condition says
INSERT INTO items (path, is_folder) VALUES ('/w9', true);
INSERT INTO items (path, content) VALUES ('/w9/a.tmp', '1'), ('/w9/b.tmp', '2'), ('/w9/c.txt', '3');
DELETE FROM files WHERE parent_path = '/w9' AND name LIKE '%.tmp' RETURNING path, action, outcome;
-- in any order
-- ["/w9/a.tmp", "delete", "done"]
-- ["/w9/b.tmp", "delete", "done"]
SELECT name FROM items WHERE parent_path = '/w9';
-- ["c.txt"]

-- name: deleted where nothing matches
DELETE FROM files WHERE path = '/w10/none.txt' RETURNING path;
-- no rows

-- name: a delete wants a WHERE
-- requests: 0
DELETE FROM files;
-- raises: SqlError WHERE

-- name: an update wants a WHERE
-- requests: 0
UPDATE files SET name = 'x';
-- raises: SqlError WHERE

-- name: what cannot be set
-- requests: 0
UPDATE items SET size = 0 WHERE path = '/w10/a.txt';
-- raises: SqlError size

-- name: a name that OneDrive does not take
INSERT INTO items (path, content) VALUES ('/w10/a:b.txt', '') RETURNING path;
-- raises: InvalidPathError a:b.txt

-- name: a dry run changes nothing
INSERT INTO items (path, is_folder) VALUES ('/w11', true);
SET driveql.dry_run = true;
INSERT INTO items (path, content) VALUES ('/w11/a.txt', 'x') RETURNING path, outcome;
-- ["/w11/a.txt", "planned"]
SET driveql.dry_run = false;
SELECT count(*) FROM items WHERE parent_path = '/w11';
-- [0]

-- name: a query as CSV
INSERT INTO items (path, is_folder) VALUES ('/w12', true);
COPY (SELECT n, n * n AS square FROM range(3) r(n)) TO 'onedrive:/w12/squares.csv' (HEADER);
SELECT content FROM read_text('onedrive:/w12/squares.csv');
-- ["n,square\n0,0\n1,1\n2,4\n"]

-- name: a query as Parquet and back
INSERT INTO items (path, is_folder) VALUES ('/w13', true);
COPY (SELECT DATE '2026-02-28' + n::INT AS day, [n, NULL] AS l, {'a': n} AS s, 1.5::DECIMAL(5,2) AS d FROM range(2) r(n)) TO 'onedrive:/w13/t.parquet';
SELECT * FROM 'onedrive:/w13/t.parquet';
-- ["2026-02-28", [0, null], {"a": 0}, "1.50"]
-- ["2026-03-01", [1, null], {"a": 1}, "1.50"]

-- name: a query as JSON and back
INSERT INTO items (path, is_folder) VALUES ('/w14', true);
COPY (SELECT 'é"\' AS t, NULL AS n, true AS b) TO 'onedrive:/w14/t.json';
SELECT t, n, b FROM read_json('onedrive:/w14/t.json');
-- ["é\"\\", null, true]

-- name: a query as a workbook and back
INSERT INTO items (path, is_folder) VALUES ('/w15', true);
COPY (SELECT 'a' AS k, 1 AS v UNION ALL SELECT 'b', NULL) TO 'onedrive:/w15/t.xlsx' (HEADER);
SELECT * FROM read_xlsx('onedrive:/w15/t.xlsx', header = true);
-- ["a", 1]
-- ["b", null]

-- name: parts by value
INSERT INTO items (path, is_folder) VALUES ('/w16', true);
COPY (SELECT n, n % 2 AS p FROM range(4) r(n)) TO 'onedrive:/w16/parts' (FORMAT csv, PARTITION_BY (p));
SELECT p, sum(n) FROM read_csv('onedrive:/w16/parts/**/*.csv', hive_partitioning = true) GROUP BY p ORDER BY p;
-- [0, 2]
-- [1, 4]

-- name: contents of one drive into another
INSERT INTO items (path, is_folder) VALUES ('/w17', true);
COPY (SELECT region, sum(quantity) FROM read_csv('onedrive://alice@contoso.com/Reports/2026/*.csv') GROUP BY region) TO 'onedrive:/w17/regions.csv' (HEADER false);
SELECT * FROM read_csv('onedrive:/w17/regions.csv', header = false) ORDER BY 1;
-- computed: demo_sales.pieces_by_region

-- name: procedures
INSERT INTO items (path, is_folder) VALUES ('/w18', true);
INSERT INTO items (path, content) VALUES ('/w18/a.txt', 'a');
SELECT outcome FROM items WHERE false;
-- raises: SqlError outcome
CALL rename_item(path => '/w18/a.txt', name => 'b.txt');
CALL copy_item(path => '/w18/b.txt', to_path => '/w18/c.txt');
CALL create_folder(path => '/w18/x/y/z');
CALL move_item(path => '/w18/c.txt', to_path => '/w18/x/c.txt');
SELECT path FROM items WHERE path LIKE '/w18/%' ORDER BY path;
-- ["/w18/b.txt"]
-- ["/w18/x"]
-- ["/w18/x/c.txt"]
-- ["/w18/x/y"]
-- ["/w18/x/y/z"]

-- name: a procedure that is not there
-- requests: 0
CALL rename_file(path => '/w18/a.txt', name => 'b.txt');
-- raises: SqlError rename_file

-- name: an argument that a procedure has not
-- requests: 0
CALL rename_item(path => '/w18/a.txt', title => 'b.txt');
-- raises: SqlError title

-- name: one of two rows fails, and the other is done
INSERT INTO items (path, is_folder) VALUES ('/w19', true);
INSERT INTO items (path, content) VALUES ('/w19/a.txt', 'old');
INSERT INTO items (path, content) VALUES ('/w19/a.txt', 'new'), ('/w19/b.txt', 'new');
-- raises: WriteError 1
SELECT name, size FROM files WHERE parent_path = '/w19' ORDER BY 1;
-- ["a.txt", 3]
-- ["b.txt", 3]

-- name: a wrong row stops the statement before anything is done
INSERT INTO items (path, is_folder) VALUES ('/w20', true);
INSERT INTO items (path, content) VALUES ('/w20/a.txt', 'x'), (NULL, 'y');
-- raises: DriveqlError path
SELECT count(*) FROM items WHERE parent_path = '/w20';
-- [0]
-- connection: reader

-- name: a connection that may only read
-- requests: 0
INSERT INTO items (path, content) VALUES ('/read-only.txt', 'x');
-- raises: DriveqlError ReadOnly

-- name: a table of this machine is no write to the drive
CREATE OR REPLACE TEMP TABLE mine (n INT);
INSERT INTO mine VALUES (1), (2);
SELECT sum(n) FROM mine;
-- [3]
-- connection: writer

-- name: rows appended to a CSV file
INSERT INTO items (path, is_folder) VALUES ('/w21', true);
COPY (SELECT 1 AS n, 'a' AS t) TO 'onedrive:/w21/t.csv' (HEADER);
COPY (SELECT 2 AS n, 'b, "c"' AS t) TO 'onedrive:/w21/t.csv' (APPEND);
SELECT content FROM read_text('onedrive:/w21/t.csv');
-- ["n,t\n1,a\n2,\"b, \"\"c\"\"\"\n"]
SELECT count(*) FROM versions WHERE path = '/w21/t.csv';
-- [2]

-- name: columns that do not fit are not appended
INSERT INTO items (path, is_folder) VALUES ('/w22', true);
COPY (SELECT 1 AS n, 'a' AS t) TO 'onedrive:/w22/t.csv' (HEADER);
COPY (SELECT 2 AS other) TO 'onedrive:/w22/t.csv' (APPEND);
-- raises: SqlError other
SELECT count(*) FROM read_csv('onedrive:/w22/t.csv');
-- [1]

-- name: access given, changed and taken away
INSERT INTO items (path, is_folder) VALUES ('/w23', true);
INSERT INTO permissions (path, recipients, roles) VALUES ('/w23', 'bruno@contoso.com', ['read']);
UPDATE permissions SET roles = ['write'] WHERE path = '/w23' AND list_contains(granted_to_emails, 'bruno@contoso.com');
SELECT roles, granted_to_emails FROM permissions WHERE path = '/w23' AND NOT is_inherited;
-- [["write"], ["bruno@contoso.com"]]
DELETE FROM permissions WHERE path = '/w23' AND NOT is_inherited;
SELECT count(*) FROM permissions WHERE path = '/w23' AND NOT is_inherited;
-- [0]

-- name: entries of a list made, changed and removed
INSERT INTO list_items (owner, list, title, "Region", "Boxes") VALUES ('/sites/contoso.sharepoint.com:/sites/Operations', 'Returns', 'one', 'EMEA', 3), ('/sites/contoso.sharepoint.com:/sites/Operations', 'Returns', 'two', 'APAC', 4);
UPDATE list_items SET "Boxes" = 10 WHERE owner = '/sites/contoso.sharepoint.com:/sites/Operations' AND list = 'Returns' AND title = 'two';
SELECT title, fields->>'Region', (fields->>'Boxes')::INT FROM list_items WHERE owner = '/sites/contoso.sharepoint.com:/sites/Operations' AND list = 'Returns' ORDER BY 1;
-- ["one", "EMEA", 3]
-- ["two", "APAC", 10]
DELETE FROM list_items WHERE owner = '/sites/contoso.sharepoint.com:/sites/Operations' AND list = 'Returns' AND title <> 'two' RETURNING title, outcome;
-- ["one", "done"]
