--- Joins and subqueries whose keys become requests.

-- name: drives of every user that has one
SELECT u.given_name, d.name FROM users u JOIN drives d ON d.owner = '/users/' || u.user_principal_name WHERE u.user_type = 'Member' ORDER BY 1;
-- ["Alice", "OneDrive"]
-- ["Bruno", "OneDrive"]
-- ["Chiara", "OneDrive"]
-- ["Dmitri", "OneDrive"]
-- ["Emi", "OneDrive"]

-- name: files of every drive of a site
SELECT d.name, count(*) FROM drives d JOIN files f ON f.drive_id = d.id WHERE d.owner = '/sites/contoso.sharepoint.com:/sites/Sales' GROUP BY 1 ORDER BY 1;
-- ["Contracts", 8]
-- ["Documents", 32]

-- name: files of the members of a group
SELECT m.display_name, count(*) FROM groups g JOIN group_members m ON m.group_id = g.id JOIN files f ON f.owner = '/users/' || m.user_principal_name
WHERE g.display_name = 'Finance' GROUP BY 1 ORDER BY 1;
-- ["Alice Romero", 9]
-- ["Bruno Keller", 9]

-- name: files by a table of paths
CREATE OR REPLACE TEMP TABLE wanted AS FROM (VALUES ('/Notes/todo.md'), ('/Settings/profile.json'), ('/None')) v(path);
-- requests: 3
SELECT f.name, f.size FROM wanted w JOIN files f ON f.path = w.path ORDER BY 1;
-- ["profile.json", 104]
-- ["todo.md", 89]

-- name: files in a subquery of paths
SELECT name FROM files WHERE path IN (SELECT path FROM (VALUES ('/Notes/todo.md'), ('/none'), (NULL)) v(path));
-- ["todo.md"]

-- name: files of the folders of a query
SELECT f.path FROM folders d JOIN files f ON f.parent_path = d.path WHERE d.parent_path = '/' ORDER BY 1;
-- ["/Notes/Empty.txt"]
-- ["/Notes/todo.md"]
-- ["/Settings/profile.json"]

-- name: versions of the files of a query
SELECT f.name, count(*) FROM files f JOIN versions v ON v.item_id = f.id WHERE f.parent_path = '/Notes' GROUP BY 1 ORDER BY 1;
-- ["Empty.txt", 1]
-- ["todo.md", 1]

-- name: a left join keeps whom no drive is found for
SELECT u.display_name, d.name FROM users u LEFT JOIN drives d ON d.owner = '/users/' || u.user_principal_name WHERE u.department IS NULL OR u.department = 'IT' ORDER BY 1;
-- ["Chiara Lindqvist", "OneDrive"]
-- ["Pat Partner", null]

-- name: keys that are NULL meet nothing
SELECT count(*) FROM (VALUES (NULL::VARCHAR), ('/Notes')) v(path) JOIN folders f ON f.path = v.path;
-- [1]

-- name: keys in another letter case meet nothing
SELECT count(*) FROM (VALUES ('/notes/TODO.md')) v(path) JOIN files f ON f.path = v.path;
-- [0]

-- name: no key asks nothing
-- requests: 0
SELECT count(*) FROM (SELECT 'x' AS path WHERE false) v JOIN files f ON f.path = v.path;
-- [0]

-- name: a semi join whose right side a key chooses
SELECT d.name FROM folders d SEMI JOIN files f ON f.parent_path = d.path AND f.size > 50 WHERE d.path IN ('/Notes', '/Reports');
-- ["Notes"]

-- name: an anti join whose left side a condition chooses
SELECT d.name FROM folders d ANTI JOIN files f ON f.parent_path = d.path AND d.path <> '/Notes' ORDER BY 1;
-- ["Notes"]
-- ["Reports"]

-- name: a limit behind a semi join
SELECT f.name FROM files f SEMI JOIN users u ON f.size = length(u.display_name) + 92 LIMIT 1;
-- ["profile.json"]

-- name: a left join with a condition on its left side alone
SELECT a.name, b.name FROM files a LEFT JOIN folders b ON a.parent_path = b.path AND a.path = '/Notes/todo.md' WHERE a.size < 200 ORDER BY 1;
-- ["Empty.txt", null]
-- ["profile.json", null]
-- ["todo.md", "Notes"]

-- name: a left join with a condition on both sides that is no key
SELECT a.name, b.name FROM files a LEFT JOIN folders b ON a.parent_path = b.path AND (a.size = 104 OR b.folder_child_count = 6) WHERE a.name IN ('profile.json', 'todo.md', 'sales-2026-01.csv') ORDER BY 1;
-- ["profile.json", "Settings"]
-- ["sales-2026-01.csv", "2026"]
-- ["todo.md", null]
