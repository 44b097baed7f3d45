--- DuckDB's SQL, whole, over listings and over contents; computed from the CSV files of the demo tenant where it is about them.

-- name: contents join their listing
SELECT f.name, f.last_modified_by_user_display_name, count(*), sum(s.quantity)
FROM read_csv('onedrive:/Reports/2026/*.csv', filename = true) s JOIN files f ON s.filename = 'onedrive://' || f.path
WHERE f.parent_path = '/Reports/2026' GROUP BY ALL ORDER BY f.name;
-- computed: demo_sales.by_file

-- name: contents join a table of another site
SELECT p.name, sum(s.quantity) FROM read_csv('onedrive:/Reports/2026/*.csv') s
JOIN read_csv('onedrive://contoso.sharepoint.com/sites/Sales/Shared Documents/Products.csv') p ON p.code = s.product GROUP BY 1 ORDER BY 1;
-- computed: demo_sales.by_product_name

-- name: sums by region
SELECT region, sum(quantity), round(sum(amount), 2) FROM read_csv('onedrive:/Reports/2026/*.csv') GROUP BY region ORDER BY region;
-- computed: demo_sales.by_region

-- name: files that nothing is in, by a left join
SELECT f.path, s.quantity FROM files f LEFT JOIN read_csv('onedrive:/Reports/2026/sales-2026-01.csv', filename = true) s
  ON s.filename = 'onedrive://' || f.path WHERE f.parent_path = '/Notes' ORDER BY 1;
-- ["/Notes/Empty.txt", null]
-- ["/Notes/todo.md", null]

-- name: a full join of two owners' files
SELECT coalesce(a.name, b.name) AS name, a.name IS NOT NULL, b.name IS NOT NULL
FROM (SELECT name FROM files WHERE parent_path = '/Notes') a
FULL JOIN (SELECT name FROM files WHERE drive_id = 'b!FINANCE' AND parent_path = '/') b USING (name) ORDER BY 1;
-- ["Accounts.csv", false, true]
-- ["Empty.txt", true, false]
-- ["todo.md", true, false]

-- name: a join of a table with itself
SELECT a.name, b.name FROM items a JOIN items b ON b.parent_reference_id = a.id WHERE a.path = '/Notes' ORDER BY 2;
-- ["Notes", "Empty.txt"]
-- ["Notes", "todo.md"]

-- name: semi and anti join
SELECT (SELECT count(*) FROM users u SEMI JOIN group_members m ON m.id = u.id),
       (SELECT string_agg(display_name) FROM users u ANTI JOIN (SELECT m.id FROM group_members m JOIN groups g ON g.id = m.group_id WHERE g.display_name = 'All Employees') m ON m.id = u.id);
-- [6, "Pat Partner"]

-- name: a cross join
SELECT count(*) FROM groups CROSS JOIN folders;
-- [12]

-- name: a join by position
SELECT a.name, b.name FROM (SELECT name FROM folders ORDER BY path LIMIT 2) a POSITIONAL JOIN (SELECT name FROM files ORDER BY path LIMIT 2) b ORDER BY 1;
-- ["Notes", "Empty.txt"]
-- ["Reports", "todo.md"]

-- name: the report that was valid at a time, ASOF
SELECT w.day, f.name FROM (VALUES (TIMESTAMPTZ '2026-02-01 00:00:00+00'), (TIMESTAMPTZ '2026-05-28 09:30:00+00')) w(day)
ASOF JOIN (SELECT * FROM files WHERE parent_path = '/Reports/2026') f ON w.day >= f.last_modified_date_time ORDER BY 1;
-- ["2026-02-01T00:00:00+00:00", "sales-2026-01.csv"]
-- ["2026-05-28T09:30:00+00:00", "sales-2026-05.csv"]

-- name: the largest file of each folder, lateral
SELECT d.path, l.name FROM folders d, LATERAL (SELECT name FROM files f WHERE f.parent_path = d.path ORDER BY size DESC, name LIMIT 1) l ORDER BY 1;
-- ["/Notes", "todo.md"]
-- ["/Reports/2026", "sales-2026-06.csv"]
-- ["/Settings", "profile.json"]

-- name: a correlated subquery
SELECT f.path FROM files f WHERE f.size = (SELECT max(g.size) FROM files g WHERE g.parent_path = f.parent_path) ORDER BY 1;
-- ["/Notes/todo.md"]
-- ["/Reports/2026/sales-2026-06.csv"]
-- ["/Settings/profile.json"]

-- name: EXISTS and NOT EXISTS
SELECT d.path, EXISTS (SELECT 1 FROM files f WHERE f.parent_path = d.path) FROM folders d ORDER BY 1;
-- ["/Notes", true]
-- ["/Reports", false]
-- ["/Reports/2026", true]
-- ["/Settings", true]

-- name: ANY and ALL
SELECT count(*) FILTER (size >= ALL (SELECT size FROM files)), count(*) FILTER (name = ANY (SELECT name FROM files WHERE parent_path = '/Notes')) FROM files;
-- [1, 2]

-- name: a CTE used twice
WITH reports AS (SELECT name, size FROM files WHERE parent_path = '/Reports/2026')
SELECT (SELECT count(*) FROM reports), (SELECT max(size) FROM reports) = (SELECT max(size) FROM files);
-- [6, true]

-- name: a recursive CTE climbs down the folders
WITH RECURSIVE tree AS (
  SELECT id, name, 1 AS depth FROM items WHERE parent_path = '/'
  UNION ALL SELECT i.id, i.name, depth + 1 FROM items i JOIN tree t ON i.parent_reference_id = t.id)
SELECT depth, count(*) FROM tree GROUP BY depth ORDER BY depth;
-- [1, 3]
-- [2, 4]
-- [3, 6]

-- name: a name of a CTE hides a table
WITH users AS (SELECT 'nobody' AS display_name) SELECT display_name FROM users;
-- ["nobody"]

-- name: rank and running sum
SELECT name, rank() OVER (ORDER BY size DESC), sum(size) OVER (ORDER BY name ROWS UNBOUNDED PRECEDING) FROM files WHERE parent_path = '/Notes' ORDER BY name;
-- ["Empty.txt", 2, 0]
-- ["todo.md", 1, 89]

-- name: share of a partition
SELECT parent_path, name, round(size / sum(size) OVER (PARTITION BY parent_path), 3) FROM files WHERE parent_path IN ('/Notes', '/Settings') ORDER BY 1, 2;
-- ["/Notes", "Empty.txt", 0.0]
-- ["/Notes", "todo.md", 1.0]
-- ["/Settings", "profile.json", 1.0]

-- name: the month before
SELECT month, amount, lag(amount) OVER (ORDER BY month) FROM
 (SELECT month(date) AS month, round(sum(amount), 2) AS amount FROM read_csv('onedrive:/Reports/2026/*.csv') GROUP BY 1) ORDER BY month;
-- computed: demo_sales.with_month_before

-- name: the first of each kind
SELECT file_mime_type, path FROM files QUALIFY row_number() OVER (PARTITION BY file_mime_type ORDER BY path) = 1 ORDER BY 1;
-- ["application/json", "/Settings/profile.json"]
-- ["text/csv", "/Reports/2026/sales-2026-01.csv"]
-- ["text/markdown", "/Notes/todo.md"]
-- ["text/plain", "/Notes/Empty.txt"]

-- name: DISTINCT ON
SELECT DISTINCT ON (parent_path) parent_path, name FROM files ORDER BY parent_path, name DESC;
-- ["/Notes", "todo.md"]
-- ["/Reports/2026", "sales-2026-06.csv"]
-- ["/Settings", "profile.json"]

-- name: union of two drives keeps what is twice
SELECT name FROM files WHERE parent_path = '/Notes' UNION ALL SELECT name FROM files WHERE parent_path = '/Notes' AND owner = '/users/bruno@contoso.com' ORDER BY 1;
-- ["Empty.txt"]
-- ["Empty.txt"]
-- ["todo.md"]
-- ["todo.md"]

-- name: union, intersection and difference
SELECT (SELECT count(*) FROM (SELECT name FROM files UNION SELECT name FROM files WHERE owner = '/users/bruno@contoso.com')),
       (SELECT count(*) FROM (SELECT name FROM files INTERSECT SELECT name FROM files WHERE owner = '/users/bruno@contoso.com')),
       (SELECT count(*) FROM (SELECT name FROM files EXCEPT SELECT name FROM files WHERE parent_path = '/Notes'));
-- [9, 9, 7]

-- name: union by name
SELECT * FROM (SELECT name, size FROM files WHERE path = '/Notes/todo.md' UNION ALL BY NAME SELECT 'x' AS name, true AS guess) ORDER BY name;
-- columns: ["name", "size", "guess"]
-- ["todo.md", 89, null]
-- ["x", null, true]

-- name: grouping sets
SELECT region, product, sum(quantity), grouping(region, product) FROM read_csv('onedrive:/Reports/2026/*.csv')
GROUP BY GROUPING SETS ((region), (product), ()) ORDER BY 4, 1, 2;
-- computed: demo_sales.grouping_sets

-- name: rollup and having
SELECT region, product, count(*) AS n FROM read_csv('onedrive:/Reports/2026/*.csv') GROUP BY ROLLUP (region, product) HAVING product IS NULL ORDER BY 1 NULLS LAST;
-- computed: demo_sales.rolled_up

-- name: pivot
PIVOT (SELECT region, product, quantity FROM read_csv('onedrive:/Reports/2026/*.csv')) ON region IN ('APAC', 'EMEA') USING sum(quantity) GROUP BY product ORDER BY product;
-- columns: ["product", "APAC", "EMEA"]
-- computed: demo_sales.pivoted

-- name: pivot over values that have to be found
PIVOT (SELECT region, quantity FROM read_csv('onedrive:/Reports/2026/sales-2026-01.csv')) ON region USING sum(quantity);
-- columns: ["APAC", "Americas", "EMEA"]
-- computed: demo_sales.pivoted_january

-- name: unpivot
UNPIVOT (SELECT path, name, file_mime_type FROM files WHERE path = '/Notes/todo.md') ON name, file_mime_type INTO NAME property VALUE held;
-- ["/Notes/todo.md", "name", "todo.md"]
-- ["/Notes/todo.md", "file_mime_type", "text/markdown"]

-- name: a macro with a value
CREATE OR REPLACE TEMP MACRO extension(path) AS regexp_extract(path, '\.([^.]+)$', 1);
SELECT extension(name), count(*) FROM files GROUP BY 1 ORDER BY 1;
-- ["csv", 6]
-- ["json", 1]
-- ["md", 1]
-- ["txt", 1]

-- name: a macro that is a table
CREATE OR REPLACE TEMP MACRO in_folder(folder) AS TABLE SELECT name FROM files WHERE parent_path = folder;
SELECT * FROM in_folder('/Notes') ORDER BY 1;
-- ["Empty.txt"]
-- ["todo.md"]

-- name: a temporary table outlives its statement
CREATE OR REPLACE TEMP TABLE kept AS SELECT path, size FROM files WHERE parent_path = '/Reports/2026';
INSERT INTO kept VALUES ('/mine', 1);
UPDATE kept SET size = size * 2 WHERE path = '/mine';
DELETE FROM kept WHERE size > 2;
SELECT * FROM kept;
-- ["/mine", 2]

-- name: a view asks anew
CREATE OR REPLACE TEMP VIEW small AS SELECT path FROM files WHERE size < 100;
-- requests: 1
SELECT path FROM small WHERE path = '/Notes/todo.md';
-- ["/Notes/todo.md"]

-- name: VALUES, FROM first and an alias used again
FROM (VALUES ('/Notes/todo.md'), ('/none')) v(wanted) JOIN files f ON f.path = v.wanted SELECT f.name AS n, upper(n) AS shouted;
-- ["todo.md", "TODO.MD"]

-- name: columns by pattern
SELECT COLUMNS('^(name|size)$') FROM files WHERE path = '/Notes/todo.md';
-- columns: ["name", "size"]
-- ["todo.md", 89]

-- name: columns replaced
SELECT * REPLACE (upper(name) AS name) FROM (SELECT name, size FROM files WHERE path = '/Notes/todo.md');
-- ["TODO.MD", 89]

-- name: lists of a group
SELECT parent_path, list(name ORDER BY name)[1:2], list_sort(list(size))[1] FROM files WHERE parent_path = '/Notes' GROUP BY 1;
-- ["/Notes", ["Empty.txt", "todo.md"], 0]

-- name: a struct and a map of a row
SELECT {'n': name, 's': size}, map([name], [size]) FROM files WHERE path = '/Notes/todo.md';
-- [{"n": "todo.md", "s": 89}, {"todo.md": 89}]

-- name: parts of a path
SELECT string_split(path, '/')[2] AS top, count(*) FROM files GROUP BY top ORDER BY count(*) DESC, top;
-- ["Reports", 6]
-- ["Notes", 2]
-- ["Settings", 1]

-- name: statistics
SELECT median(quantity), quantile_cont(quantity, 0.25), mode(product), round(stddev_samp(amount), 6), approx_count_distinct(region) FROM read_csv('onedrive:/Reports/2026/*.csv');
-- computed: demo_sales.statistics

-- name: CASE, coalesce and nullif
SELECT CASE WHEN size = 0 THEN 'empty' WHEN size < 100 THEN 'small' ELSE 'large' END AS kind, count(*), sum(coalesce(nullif(size, 0), 7)) > 0
FROM files GROUP BY 1 ORDER BY 1;
-- ["empty", 1, true]
-- ["large", 7, true]
-- ["small", 1, true]

-- name: a table function beside a table
SELECT n, count(f.name) FROM range(1, 4) r(n) LEFT JOIN files f ON f.name = format('sales-2026-0{}.csv', n) GROUP BY n ORDER BY n;
-- [1, 1]
-- [2, 1]
-- [3, 1]

-- name: what DuckDB cannot parse
-- requests: 0
SELEC name FROM files;
-- raises: SqlError SELEC

-- name: a table that is not there
-- requests: 0
SELECT * FROM file;
-- raises: SqlError file

-- name: two columns of one name
SELECT a.name, b.name FROM files a JOIN files b ON a.id = b.id WHERE a.path = '/Notes/todo.md';
-- columns: ["name", "name"]
-- ["todo.md", "todo.md"]

-- name: a whole division by zero and an overflow are errors
SELECT size // 0 FROM files WHERE path = '/Notes/todo.md';
-- raises: SqlError Division by zero
SELECT size::TINYINT * 100::TINYINT FROM files WHERE path = '/Notes/todo.md';
-- raises: SqlError Overflow

-- name: a map is a dict, at any depth
SELECT map {'a': 1, 'b': NULL}, [map {'x': map {'y': [1]}}], {'s': map {'k': true}}, map {}, NULL::MAP(VARCHAR, INTEGER);
-- [{"a": 1, "b": null}, [{"x": {"y": [1]}}], {"s": {"k": true}}, {}, null]
SELECT map {[1]: 2};
-- [[[[1], 2]]]
