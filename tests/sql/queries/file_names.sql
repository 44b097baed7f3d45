--- File names in place of tables: wherever the engine takes one, in driveql's short form.
-- connection: samples

-- name: two files after FROM
SELECT count(*), count(DISTINCT a.species), count(DISTINCT symbol) FROM 'onedrive:/bokeh_penguins.csv' a, 'onedrive:/vega_stocks.csv';
-- [192640, 3, 5]

-- name: columns and rows of a second file, with names of its own
SELECT b.s, c.symbol, count(*) FROM 'onedrive:/bokeh_penguins.csv' AS b(s), ('onedrive:/vega_stocks.csv') AS c WHERE c.symbol = 'AAPL' AND c.price > 223 AND b.s LIKE 'A%' GROUP BY ALL;
-- ["Adelie", "AAPL", 152]

-- name: joins in parentheses, sub-selects and common table expressions
WITH one AS (SELECT DISTINCT species FROM range(1), 'onedrive:/bokeh_penguins.csv')
SELECT count(*), (SELECT count(*) FROM range(2), 'onedrive:/vega_stocks.csv') FROM (one JOIN 'onedrive:/bokeh_penguins.csv' USING (species));
-- [344, 1120]

-- name: statements over one file
SELECT column_name FROM (DESCRIBE 'onedrive:/vega_stocks.csv');
-- ["symbol"]
-- ["date"]
-- ["price"]
SELECT column_name, "count" FROM (SUMMARIZE 'onedrive:/vega_stocks.csv') WHERE column_name = 'price';
-- ["price", 560]
SELECT count(*) FROM (TABLE 'onedrive:/vega_stocks.csv');
-- [560]
SELECT count(*) FROM query_table(['onedrive:/vega_stocks.csv', 'onedrive:/vega_stocks.csv']);
-- [1120]

-- name: a workbook is its first sheet
SELECT count(*), min(xlsx2csv_sheets_order.x) FROM 'onedrive:/xlsx2csv_sheets_order.xlsx', range(2);
-- [50, -10]

-- name: a file cannot be changed as if it were a table
DELETE FROM 'onedrive:/vega_stocks.csv';
-- raises: SqlNotSupportedError is a file

-- name: an ending that says nothing
SELECT * FROM 'onedrive:/bokeh_penguins.txt';
-- raises: SqlNotSupportedError read_csv, read_json

-- name: the short form where driveql does not see it
SELECT count(*) FROM query('FROM ''onedrive:/vega_stocks.csv''');
-- raises: SqlError write the whole form: onedrive:///
SELECT count(*) FROM query('FROM ''onedrive:///vega_stocks.csv''');
-- [560]
