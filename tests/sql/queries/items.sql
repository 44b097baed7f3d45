--- Files and folders of Alice's drive, and of others where the query says so.

-- name: one file by path
-- requests: 1
SELECT name, size, file_mime_type, parent_path, parent_reference_name, last_modified_date_time
FROM items WHERE path = '/Notes/todo.md';
-- ["todo.md", 89, "text/markdown", "/Notes", "Notes", "2026-06-12T09:30:00+00:00"]

-- name: one file by id
-- requests: 1
SELECT path, is_folder FROM items WHERE id = '01TODO';
-- ["/Notes/todo.md", false]

-- name: an id that nothing has
SELECT path FROM items WHERE id = '01AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA';
-- no rows

-- name: one file by folder and name
-- requests: 1
SELECT size FROM files WHERE parent_path = '/Notes' AND name = 'Empty.txt';
-- [0]

-- name: a folder's children
-- requests: 1
SELECT name, is_folder FROM items WHERE parent_path = '/' ORDER BY name;
-- ["Notes", true]
-- ["Reports", true]
-- ["Settings", true]

-- name: a folder's children by the folder's id
-- requests: 1
SELECT name FROM items WHERE parent_reference_id = '01NOTES' ORDER BY name;
-- ["Empty.txt"]
-- ["todo.md"]

-- name: below a folder at any depth
SELECT count(*), count(*) FILTER (is_folder) FROM items WHERE path LIKE '/Reports/%';
-- [7, 1]

-- name: a prefix that is no folder's name
SELECT path FROM items WHERE path LIKE '/Rep%' ORDER BY path LIMIT 3;
-- ["/Reports"]
-- ["/Reports/2026"]
-- ["/Reports/2026/sales-2026-01.csv"]

-- name: starts_with is a prefix too
SELECT count(*) FROM files WHERE starts_with(path, '/Reports/2026/sales-2026-0');
-- [6]

-- name: a range of paths
SELECT name FROM files WHERE path >= '/Reports/2026/sales-2026-05' AND path < '/Reports/2026/sales-2026-07' ORDER BY 1;
-- ["sales-2026-05.csv"]
-- ["sales-2026-06.csv"]

-- name: SQL regards the case of a path
SELECT count(*) FROM files WHERE path = '/notes/TODO.md';
-- [0]

-- name: without regard to case
SELECT path FROM files WHERE lower(path) = '/notes/todo.md';
-- ["/Notes/todo.md"]

-- name: collation without case
SELECT path FROM files WHERE path COLLATE NOCASE = '/NOTES/TODO.MD';
-- ["/Notes/todo.md"]

-- name: by ending
SELECT count(*) FROM files WHERE name LIKE '%.csv';
-- [6]

-- name: by regular expression
SELECT name FROM files WHERE regexp_matches(name, '-0[135]\.csv$') ORDER BY name;
-- ["sales-2026-01.csv"]
-- ["sales-2026-03.csv"]
-- ["sales-2026-05.csv"]

-- name: NOT LIKE
SELECT name FROM files WHERE name NOT LIKE '%.csv' ORDER BY name;
-- ["Empty.txt"]
-- ["profile.json"]
-- ["todo.md"]

-- name: empty files
SELECT path FROM files WHERE size = 0;
-- ["/Notes/Empty.txt"]

-- name: sizes between
SELECT name, size FROM files WHERE size BETWEEN 50 AND 120 ORDER BY size;
-- ["todo.md", 89]
-- ["profile.json", 104]

-- name: a size that is not a whole number
SELECT name FROM files WHERE size > 88.5 AND size < 89.5;
-- ["todo.md"]

-- name: the size of a folder is all below it
SELECT path, size FROM folders WHERE path = '/Notes';
-- ["/Notes", 89]

-- name: sizes of folders are the sums of their files
SELECT d.path, d.size = coalesce(sum(f.size), 0) AS whole FROM folders d
LEFT JOIN files f ON starts_with(f.path, d.path || '/') GROUP BY d.path, d.size ORDER BY 1;
-- ["/Notes", true]
-- ["/Reports", true]
-- ["/Reports/2026", true]
-- ["/Settings", true]

-- name: how many are in a folder
SELECT path, folder_child_count FROM folders ORDER BY path;
-- ["/Notes", 2]
-- ["/Reports", 1]
-- ["/Reports/2026", 6]
-- ["/Settings", 1]

-- name: files and folders are the items
SELECT (SELECT count(*) FROM files), (SELECT count(*) FROM folders), (SELECT count(*) FROM items);
-- [9, 4, 13]

-- name: a file in a table of folders
SELECT path FROM folders WHERE path = '/Notes/todo.md';
-- no rows

-- name: a path that is not there
SELECT name FROM items WHERE path = '/Notes/none.md';
-- no rows

-- name: a folder that is not there
SELECT name FROM items WHERE parent_path = '/None';
-- no rows

-- name: a file has nothing in it
SELECT name FROM items WHERE parent_path = '/Notes/todo.md';
-- no rows

-- name: several paths, some of them not there, one of them twice
SELECT path FROM items WHERE path IN ('/Notes', '/None', '/Reports/2026', '/Notes') ORDER BY path;
-- ["/Notes"]
-- ["/Reports/2026"]

-- name: a path or a condition on another column
SELECT path FROM items WHERE path = '/Notes' OR size = 104 ORDER BY path;
-- ["/Notes"]
-- ["/Settings"]
-- ["/Settings/profile.json"]

-- name: a path or another path
-- requests: 2
SELECT path FROM items WHERE path = '/Notes' OR path = '/Settings' ORDER BY path;
-- ["/Notes"]
-- ["/Settings"]

-- name: not a folder
SELECT path FROM items WHERE NOT is_folder AND parent_path = '/Notes' ORDER BY path;
-- ["/Notes/Empty.txt"]
-- ["/Notes/todo.md"]

-- name: everything but a path
SELECT count(*) FROM items WHERE path <> '/Notes';
-- [12]

-- name: IS NULL and IS NOT NULL
SELECT count(*) FILTER (file_mime_type IS NULL), count(*) FILTER (folder_child_count IS NOT NULL),
       count(*) FILTER (description IS NULL), count(*) FILTER (parent_reference_name IS NULL) FROM items;
-- [4, 4, 13, 3]

-- name: media types
SELECT file_mime_type, count(*) FROM files GROUP BY 1 ORDER BY 1;
-- ["application/json", 1]
-- ["text/csv", 6]
-- ["text/markdown", 1]
-- ["text/plain", 1]

-- name: who made it
SELECT DISTINCT created_by_user_email, last_modified_by_user_display_name, created_by_application_id FROM files;
-- ["alice@contoso.com", "Alice Romero", null]

-- name: modified in a month
SELECT name FROM files WHERE last_modified_date_time >= '2026-06-01' AND last_modified_date_time < '2026-07-01' ORDER BY 1;
-- ["Empty.txt"]
-- ["sales-2026-06.csv"]
-- ["todo.md"]

-- name: modified at a moment in another zone
SELECT name FROM files WHERE last_modified_date_time = TIMESTAMPTZ '2026-06-12 11:30:00+02:00';
-- ["todo.md"]

-- name: hashes against Graph itself
SELECT path, size, file_hashes_quick_xor_hash, e_tag, c_tag, id FROM files ORDER BY path;
-- computed: listings.alices_files

-- name: hashes against the bytes
SELECT f.name, f.size, sha256(b.content) FROM read_blob('onedrive:/Notes/*') b JOIN files f ON b.filename = 'onedrive://' || f.path
ORDER BY f.name;
-- computed: listings.notes

-- name: parents in Graph's form
SELECT regexp_replace(parent_reference_path, '^/drives/[^/]+', '') FROM items WHERE path = '/Reports/2026/sales-2026-01.csv';
-- ["/root:/Reports/2026"]

-- name: drive and owner of a row
SELECT DISTINCT drive_id = 'b!ALICE', owner, parent_reference_drive_type FROM items;
-- [true, "/users/alice@contoso.com", "business"]

-- name: another owner's drive
SELECT owner, count(*), sum(size) > 17000 FROM files WHERE owner = '/users/bruno@contoso.com' GROUP BY 1;
-- ["/users/bruno@contoso.com", 9, true]

-- name: two owners at once
SELECT owner, name FROM files WHERE owner IN ('/users/emi@contoso.com', '/users/chiara@contoso.com') AND parent_path = '/Notes'
ORDER BY 1, 2;
-- ["/users/chiara@contoso.com", "Empty.txt"]
-- ["/users/chiara@contoso.com", "todo.md"]
-- ["/users/emi@contoso.com", "Empty.txt"]
-- ["/users/emi@contoso.com", "todo.md"]

-- name: a group's drive
SELECT path FROM files WHERE owner = '/groups/finance@contoso.com' ORDER BY path;
-- ["/Accounts.csv"]
-- ["/Invoices/2026.json"]
-- ["/Ledger/2025/Q1.csv"]
-- ["/Ledger/2025/Q2.csv"]
-- ["/Ledger/2025/Q3.csv"]
-- ["/Ledger/2025/Q4.csv"]
-- ["/Ledger/2026/Q1.csv"]
-- ["/Ledger/2026/Q2.csv"]

-- name: names that need care
SELECT name, size FROM files WHERE drive_id = 'b!CONTRACTS' AND parent_path = '/Odd names' ORDER BY name;
-- computed: listings.odd_names

-- name: one name that needs care
SELECT size FROM files WHERE drive_id = 'b!CONTRACTS' AND path = '/Odd names/Fabrikam #7 (100%).txt';
-- [23]

-- name: a percent sign is a percent sign
SELECT name FROM files WHERE drive_id = 'b!CONTRACTS' AND path = '/Odd names/%41 is not A.txt';
-- ["%41 is not A.txt"]

-- name: an apostrophe and a dash
SELECT name FROM files WHERE drive_id = 'b!CONTRACTS' AND parent_path = '/Odd names' AND name = 'Ångström''s notes – final.txt';
-- ["Ångström's notes – final.txt"]

-- name: eight levels deep
SELECT path, len(string_split(path, '/')) FROM files WHERE drive_id = 'b!CONTRACTS' AND path LIKE '/Level 1/%';
-- ["/Level 1/Level 2/Level 3/Level 4/Level 5/Level 6/Level 7/Level 8/deep.txt", 10]

-- name: two drives at once
SELECT drive_id = 'b!FINANCE' AS finance, count(*) FROM files WHERE drive_id IN ('b!FINANCE', 'b!CONTRACTS') GROUP BY 1 ORDER BY 1;
-- [false, 8]
-- [true, 8]

-- name: a drive that nobody has
SELECT name FROM items WHERE drive_id = 'b!NOBODYS';
-- raises: NotFoundError could not be found

-- name: an owner that nobody is
SELECT name FROM items WHERE owner = '/users/nobody@contoso.com';
-- raises: NotFoundError nobody@contoso.com

-- name: an owner that is no owner
-- requests: 0
SELECT name FROM items WHERE owner = 'somebody';
-- raises: ParameterError somebody

-- name: a drive is chosen by a subquery too
SELECT count(*) FROM files WHERE owner = (SELECT '/users/bruno@contoso.com');
-- [9]

-- name: nothing matches the connection's owner and another
SELECT count(*) FROM files WHERE owner = '/users/bruno@contoso.com' AND owner = '/users/emi@contoso.com';
-- [0]

-- name: a page of a sorted listing
SELECT name FROM files WHERE parent_path = '/Reports/2026' ORDER BY name DESC LIMIT 2 OFFSET 1;
-- ["sales-2026-05.csv"]
-- ["sales-2026-04.csv"]

-- name: the largest
SELECT arg_max(name, size) = (SELECT name FROM files ORDER BY size DESC LIMIT 1) FROM files;
-- [true]

-- name: a sample of a table keeps to it
SELECT count(*) FROM (SELECT * FROM items USING SAMPLE 5 ROWS);
-- [5]

-- name: nothing is asked where nothing can match
-- requests: 0
SELECT name FROM items WHERE path = 'no path of a drive';
-- no rows

-- name: false is false
SELECT name FROM items WHERE 1 = 0;
-- no rows

-- name: what leads elsewhere is no id
-- requests: 0
SELECT name FROM items WHERE id IN ('a/b', '..', '.', '');
-- no rows
-- requests: 0
SELECT name FROM items WHERE parent_reference_id = '../..';
-- no rows
-- requests: 0
SELECT display_name FROM users WHERE id IN ('..', 'a/b', '');
-- no rows
-- requests: 0
SELECT display_name FROM group_members WHERE group_id = '..';
-- no rows
-- requests: 0
SELECT name FROM drives WHERE id = '..';
-- no rows
-- requests: 0
SELECT name FROM items WHERE drive_id = '..';
-- raises: NotFoundError There is no drive '..'

-- name: a drive that is nobody's is an error whatever is asked of it
SELECT name FROM items WHERE drive_id = 'b!NOBODYS' AND path = '/a';
-- raises: NotFoundError
SELECT name FROM items WHERE drive_id = 'b!NOBODYS' AND parent_path = '/a';
-- raises: NotFoundError
SELECT name FROM items WHERE drive_id = 'b!NOBODYS' AND path LIKE '/a/%';
-- raises: NotFoundError
SELECT id FROM versions WHERE drive_id = 'b!NOBODYS' AND item_id = '01NOTES';
-- raises: NotFoundError

-- name: an item that a drive has not is no row, and the drive is looked at once
-- requests: 4
SELECT name FROM items WHERE drive_id = 'b!CONTRACTS' AND path IN ('/no', '/nor', '/neither');
-- no rows
-- requests: 1
SELECT name FROM items WHERE drive_id = 'b!CONTRACTS' AND path = '/never';
-- no rows

-- name: a drive that a join names and that is nobody's is left out
SELECT i.name FROM (VALUES ('b!NOBODYS'), ('b!ALICE')) v(drive) JOIN items i ON i.drive_id = v.drive AND i.path = '/Notes';
-- ["Notes"]
