--- The incumbent's endpoints, columns and placeholders; docs/migrating.md sets them beside ours.

-- name: the root
SELECT name, size, createdBy_user_email, parentReference_driveType FROM list_root ORDER BY name;
-- ["Notes", 89, "alice@contoso.com", "business"]
-- ["Reports", 17234, "alice@contoso.com", "business"]
-- ["Settings", 104, "alice@contoso.com", "business"]

-- name: a folder by path
-- requests: 1
SELECT name, lastModifiedDateTime FROM list_folder ORDER BY name WITH (FolderId='root:/Notes:');
-- ["Empty.txt", "2026-06-13T09:30:00+00:00"]
-- ["todo.md", "2026-06-12T09:30:00+00:00"]

-- name: a folder by id in another letter case
SELECT count(*) FROM LIST_FOLDER WITH (folderid='01NOTES', DRIVEID='b!ALICE');
-- [2]

-- name: files of another owner
SELECT count(*) FROM list_files WITH (GroupOrUserId='/groups/finance@contoso.com');
-- [8]

-- name: files by extension
SELECT name FROM list_files ORDER BY name WITH (SearchType='search(q=''.json'')');
-- ["profile.json"]

-- name: files of a drive
SELECT count(*) FROM Files WITH (DriveId='b!FINANCE');
-- [8]

-- name: brackets around names
SELECT [name], [folder_childCount] FROM [Folders] WHERE [name] = 'Notes' WITH ();
-- ["Notes", 2]

-- name: users by their names there
SELECT displayName, userPrincipalName FROM list_users WHERE department = 'IT';
-- ["Chiara Lindqvist", "chiara@contoso.com"]

-- name: groups by their names there
SELECT displayName FROM list_groups WHERE mailEnabled = false;
-- ["All Employees"]

-- name: drives of an owner
SELECT name, driveType FROM list_drives WITH (GroupOrUserId='/sites/contoso.sharepoint.com:/sites/Sales') ;
-- in any order
-- ["Documents", "documentLibrary"]
-- ["Contracts", "documentLibrary"]

-- name: a temporary table
SELECT name, size INTO #large FROM list_files WHERE size > 100;
SELECT count(*) FROM #large;
-- [7]


-- name: text in base64
SELECT '<<user:secret,FUN_BASE64ENC>>';
-- ["dXNlcjpzZWNyZXQ="]

-- name: a moved date
SELECT '<<2026-01-31+1m,FUN_TO_DATE>>', '<<2026-03-01-1d|~|dd.MM.yyyy,FUN_TO_DATE>>';
-- ["2026-02-28", "28.02.2026"]

-- name: an endpoint that is not there
SELECT * FROM list_everything WITH (DriveId='b!ALICE');
-- raises: SqlError list_everything

-- name: a parameter that the endpoint has not
-- requests: 0
SELECT * FROM list_root WITH (Drive='b!ALICE');
-- raises: SqlNotSupportedError 'Drive'

-- name: columns under both names
SELECT f.webUrl = i.web_url FROM items i JOIN Files f ON i.id = f.id WHERE i.path = '/Notes/todo.md' AND f.createdDateTime IS NOT NULL WITH ();
-- [true]
