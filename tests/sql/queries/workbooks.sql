--- Workbooks (.xlsx, .xls) where they lie, computed by calamine.
-- connection: samples

-- name: the first sheet with its header
SELECT * FROM read_xlsx('onedrive:/xlsx2csv_sheets_order.xlsx') ORDER BY x LIMIT 3;
-- columns: ["x", "y"]
-- [-10, -1000]
-- [-9, -729]
-- [-8, -512]

-- name: whole numbers are whole
SELECT typeof(x), sum(x), sum(y), count(*) FROM read_xlsx('onedrive:/xlsx2csv_sheets_order.xlsx', sheet = 'b') GROUP BY 1;
-- computed: workbooks.cubes

-- name: a sheet by number
SELECT count(*), max("A") FROM read_xlsx('onedrive:/xlsx2csv_sheets_order.xlsx', sheet = 2, header = false);
-- computed: workbooks.second_sheet

-- name: a sheet by a name in another alphabet
SELECT "№", "Название" FROM read_xlsx('onedrive:/xlsx2csv_sheets.xlsx', sheet = 'Реестр', header = true) LIMIT 2;
-- [1, "<<Шаблон сценария>>"]
-- [2, null]

-- name: a sheet that is not there
SELECT * FROM read_xlsx('onedrive:/xlsx2csv_sheets.xlsx', sheet = 'Plan');
-- raises: SqlError Plan

-- name: a range
SELECT * FROM read_xlsx('onedrive:/xlsx2csv_sheets_order.xlsx', sheet = 'b', range = 'A1:B4');
-- columns: ["x", "y"]
-- [-10, -1000]
-- [-9, -729]
-- [-8, -512]

-- name: a range within, without a header
SELECT * FROM read_xlsx('onedrive:/xlsx2csv_sheets_order.xlsx', sheet = 'b', range = 'B3:B5', header = false);
-- [-729]
-- [-512]
-- [-343]

-- name: everything as text
SELECT * FROM read_xlsx('onedrive:/xlsx2csv_variousdelim.xlsx', header = false, all_varchar = true);
-- ["1", "2", "3"]
-- ["a", "b", "c"]

-- name: sheets of a workbook
SELECT number, name, is_visible FROM worksheets('onedrive:/xlsx2csv_sheets_order.xlsx') ORDER BY number;
-- computed: workbooks.sheet_names

-- name: sheets of many workbooks
SELECT parse_filename(filename), count(*) FROM worksheets('onedrive:/xlsx2csv_*.xlsx') GROUP BY 1 ORDER BY 1;
-- computed: workbooks.sheets_by_file

-- name: a moment
SELECT * FROM read_xlsx('onedrive:/xlsx2csv_datetime.xlsx', header = false);
-- ["2011-09-15T15:22:00"]

-- name: text of every alphabet
SELECT * FROM read_xlsx('onedrive:/xlsx2csv_utf8.xlsx', header = false);
-- computed: workbooks.alphabets

-- name: percentages are numbers
SELECT sum("A") FROM read_xlsx('onedrive:/xlsx2csv_percentage.xlsx', header = false);
-- computed: workbooks.percentages

-- name: formatted text is text
SELECT * FROM read_xlsx('onedrive:/xlsx2csv_formatted_inline_string.xlsx', header = false);
-- ["RegularBold"]

-- name: a line break and a flag in a cell
SELECT * FROM read_xlsx('onedrive:/xlsx2csv_escape.xlsx', sheet = 'Austin', header = false);
-- computed: workbooks.escaped

-- name: empty cells are NULL
SELECT count(*), count("A"), count("B"), count("C") FROM read_xlsx('onedrive:/xlsx2csv_last-column-empty.xlsx', header = true);
-- computed: workbooks.filled_cells

-- name: an old workbook
SELECT count(*), count("CPIAUCSL"), max("POP"), min("DATE") FROM read_xlsx('onedrive:/macrodata.xls', sheet = 'Monthly', header = true);
-- computed: workbooks.monthly

-- name: an old workbook, grouped by years
SELECT year("DATE") AS y, avg("GDPC96") FROM read_xlsx('onedrive:/macrodata.xls', sheet = 'Quarterly', header = true)
WHERE y BETWEEN 1990 AND 1993 GROUP BY y ORDER BY y;
-- computed: workbooks.gross_product

-- name: another old workbook
SELECT "SeriesID", "Frequency", "Category" FROM read_xlsx('onedrive:/nowcast_spec_blocks.xls') ORDER BY "SeriesID";
-- computed: workbooks.series

-- name: workbooks and a text file joined
SELECT b.x, b.y = b.x * b.x * b.x FROM read_xlsx('onedrive:/xlsx2csv_sheets_order.xlsx', sheet = 'b', header = true) b
JOIN read_csv('onedrive:/bokeh_elements.csv') e ON e."atomic number" = b.x WHERE e.symbol = 'C';
-- [6, true]

-- name: what is no workbook
SELECT * FROM read_xlsx('onedrive:/vega_stocks.csv');
-- raises: SqlError vega_stocks.csv

-- name: an argument that read_xlsx has not
-- requests: 0
SELECT * FROM read_xlsx('onedrive:/macrodata.xls', tab = 'Monthly');
-- raises: SqlNotSupportedError tab

-- name: a range that is none
SELECT * FROM read_xlsx('onedrive:/macrodata.xls', range = 'everything');
-- raises: SqlError everything
