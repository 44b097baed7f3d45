--- What hangs on items, drives and sites; Dmitri's drive and the list of Operations are furnished by tests/sql/query_tenant.py.

-- name: drives of the connection's owner
-- requests: 1
SELECT name, drive_type, owner, owner_user_display_name, quota_total, web_url FROM drives;
-- ["OneDrive", "business", "/users/alice@contoso.com", "Alice Romero", 1099511627776, "https://contoso-my.sharepoint.com/personal/alice_contoso_com/Documents"]

-- name: drives of a site
SELECT name, drive_type FROM drives WHERE owner = '/sites/contoso.sharepoint.com:/sites/Sales' ORDER BY name;
-- ["Contracts", "documentLibrary"]
-- ["Documents", "documentLibrary"]

-- name: a drive by id
SELECT name, web_url FROM drives WHERE id = 'b!FINANCE';
-- ["Documents", "https://contoso.sharepoint.com/sites/Finance/Shared%20Documents"]

-- name: what a drive uses is what its files are
SELECT quota_used = (SELECT sum(size) FROM files), quota_state FROM drives;
-- [true, "normal"]

-- name: drives of three owners
SELECT owner, count(*) FROM drives WHERE owner IN ('/users/emi@contoso.com', '/groups/finance@contoso.com', '/sites/contoso.sharepoint.com:/sites/Sales')
GROUP BY 1 ORDER BY 1;
-- ["/groups/finance@contoso.com", 1]
-- ["/sites/contoso.sharepoint.com:/sites/Sales", 2]
-- ["/users/emi@contoso.com", 1]

-- name: sites
SELECT name, display_name, description, web_url FROM sites WHERE name LIKE 'O%' ORDER BY web_url;
-- ["Operations", "Operations", "Stock and deliveries", "https://contoso.sharepoint.com/sites/Operations"]
-- ["Osaka", "Operations Osaka", "The team in Japan", "https://contoso.sharepoint.com/sites/Operations/Osaka"]

-- name: sites against Graph itself
SELECT id, display_name, web_url, is_personal_site FROM sites ORDER BY id;
-- computed: listings.sites

-- name: a site by id
SELECT s.display_name FROM sites s WHERE s.id = (SELECT id FROM sites WHERE display_name = 'Sales');
-- ["Sales"]

-- name: versions of one file
SELECT id, size, last_modified_by_user_email FROM versions
WHERE owner = '/users/dmitri@contoso.com' AND path = '/Plans/route.txt' ORDER BY id DESC;
-- ["3.0", 9, "dmitri@contoso.com"]
-- ["2.0", 7, "dmitri@contoso.com"]
-- ["1.0", 5, "dmitri@contoso.com"]

-- name: versions of a folder's files
SELECT item_name, count(*), max(size) FROM versions WHERE owner = '/users/dmitri@contoso.com' AND parent_path = '/Plans' GROUP BY 1 ORDER BY 1;
-- ["map.txt", 1, 3]
-- ["route.txt", 3, 9]

-- name: versions of a file by id
SELECT path, id FROM versions WHERE item_id = '01TODO';
-- ["/Notes/todo.md", "1.0"]

-- name: versions of what is not there
SELECT id FROM versions WHERE path = '/Plans/none.txt';
-- no rows

-- name: files with a history
SELECT path, count(*) FROM versions WHERE owner = '/users/dmitri@contoso.com' GROUP BY path HAVING count(*) > 1;
-- ["/Plans/route.txt", 3]

-- name: what the last version added
SELECT id, size - lag(size, 1, 0) OVER (ORDER BY id) FROM versions
WHERE owner = '/users/dmitri@contoso.com' AND path = '/Plans/route.txt' ORDER BY id;
-- ["1.0", 5]
-- ["2.0", 2]
-- ["3.0", 2]

-- name: permissions of a file, its own and inherited
SELECT kind, roles, link_type, link_scope, granted_to_emails, is_inherited FROM permissions
WHERE owner = '/users/dmitri@contoso.com' AND path = '/Plans/route.txt' ORDER BY kind, roles, granted_to_emails;
-- ["grant", ["owner"], null, null, ["dmitri@contoso.com"], true]
-- ["grant", ["write"], null, null, ["bruno@contoso.com"], true]
-- ["grant", ["write"], null, null, ["emi@contoso.com"], true]
-- ["link", ["read"], "view", "organization", [], false]

-- name: who may write into a folder
SELECT unnest(granted_to_names) AS who FROM permissions
WHERE owner = '/users/dmitri@contoso.com' AND path = '/Plans' AND list_contains(roles, 'write') ORDER BY who;
-- ["Bruno Keller"]
-- ["Emi Tanaka"]

-- name: links of a drive
SELECT path, link_scope, has_password, expiration_date_time FROM permissions
WHERE owner = '/users/dmitri@contoso.com' AND kind = 'link';
-- ["/Plans/route.txt", "organization", false, null]

-- name: permissions of a library's own people
SELECT roles, granted_to_names FROM permissions WHERE drive_id = 'b!CONTRACTS' AND path = '/Odd names' ORDER BY 1;
-- [["owner"], ["Sales Owners"]]
-- [["read"], ["Sales Visitors"]]
-- [["write"], ["Sales Members"]]

-- name: permissions of a path in another case
SELECT count(*) FROM permissions WHERE owner = '/users/dmitri@contoso.com' AND path = '/plans/ROUTE.txt';
-- [0]

-- name: a round of changes has everything
SELECT count(*) FILTER (kind = 'changed' AND NOT is_folder), count(*) FILTER (is_folder), count(*) FILTER (kind = 'cursor') FROM changes;
-- [9, 4, 1]

-- name: changes end with their cursor
SELECT kind, id, path, cursor IS NOT NULL FROM changes WHERE start = 'latest';
-- ["cursor", null, null, true]

-- name: paths of changes
SELECT path FROM changes WHERE kind = 'changed' AND path LIKE '/Reports%' AND is_folder ORDER BY path;
-- ["/Reports"]
-- ["/Reports/2026"]

-- name: changes since a time that is none
-- requests: 0
SELECT * FROM changes WHERE since = 'last week';
-- raises: ParameterError last week

-- name: changes of another drive
SELECT count(*) FROM changes WHERE drive_id = 'b!FINANCE' AND kind = 'changed' AND NOT is_folder;
-- [8]

-- name: shared with me is empty today
SELECT * FROM shared_with_me;
-- no rows

-- name: lists of a site
SELECT display_name, list_template, list_hidden FROM lists WHERE owner = '/sites/contoso.sharepoint.com:/sites/Operations' ORDER BY 1;
-- ["Clients", "genericList", false]
-- ["Documents", "documentLibrary", false]
-- ["Returns", "genericList", false]

-- name: the library of the connection's own drive
SELECT display_name, list_template FROM lists;
-- ["OneDrive", "mySiteDocumentLibrary"]

-- name: entries of a list
SELECT id, title, fields->>'Region', (fields->>'Boxes')::DOUBLE, (fields->>'Urgent')::BOOLEAN FROM list_items
WHERE owner = '/sites/contoso.sharepoint.com:/sites/Operations' AND list = 'Clients' ORDER BY id;
-- ["1", "Fabrikam", "EMEA", 12.0, true]
-- ["2", "Northwind", "APAC", 3.5, false]
-- ["3", "fabrikam", "emea", null, null]
-- ["4", "Adventure Works", "APAC", 40.0, null]

-- name: entries by title regard case
SELECT id FROM list_items WHERE owner = '/sites/contoso.sharepoint.com:/sites/Operations' AND list = 'Clients' AND title = 'fabrikam';
-- ["3"]

-- name: sums over a list's own columns
SELECT upper(fields->>'Region') AS region, sum((fields->>'Boxes')::DOUBLE) FROM list_items
WHERE owner = '/sites/contoso.sharepoint.com:/sites/Operations' AND list = 'Clients' GROUP BY 1 ORDER BY 1;
-- ["APAC", 43.5]
-- ["EMEA", 12.0]

-- name: kinds of a list's values
SELECT json_type(fields, '$.Boxes'), json_type(fields, '$.Urgent'), json_type(fields, '$.Region') FROM list_items
WHERE owner = '/sites/contoso.sharepoint.com:/sites/Operations' AND list = 'Clients' AND title = 'Fabrikam';
-- ["UBIGINT", "BOOLEAN", "VARCHAR"]

-- name: entries of a library are its files and folders
SELECT content_type_name, count(*) FROM list_items GROUP BY 1 ORDER BY 1;
-- ["Document", 9]
-- ["Folder", 4]

-- name: a library's entries join its files
SELECT f.path, l.content_type_name FROM list_items l JOIN files f ON f.name = l.file_name WHERE f.parent_path = '/Notes' ORDER BY 1;
-- ["/Notes/Empty.txt", "Document"]
-- ["/Notes/todo.md", "Document"]

-- name: a list that is not there
SELECT * FROM list_items WHERE owner = '/sites/contoso.sharepoint.com:/sites/Operations' AND list = 'Nothing';
-- raises: NotFoundError Nothing

-- name: an application sees its own subscriptions alone
SELECT id, resource = '/drives/b!ALICE/root', change_type, notification_url, expiration_date_time FROM subscriptions;
-- ["00000000-0000-4000-8000-000000000001", true, "updated", "https://hooks.contoso.com/drive", "2099-01-01T00:00:00+00:00"]

-- name: a subscription by id
-- requests: 1
SELECT change_type FROM subscriptions WHERE id = '00000000-0000-4000-8000-000000000001';
-- ["updated"]

-- name: another application's subscription
SELECT id FROM subscriptions WHERE id = '00000000-0000-4000-8000-000000000002';
-- no rows
