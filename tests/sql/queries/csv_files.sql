--- CSV where it lies: the real files of ../shared/samples, computed from the same bytes by Python's csv.
-- connection: samples

-- name: a CSV file as a table
SELECT count(*), count(body_mass_g), sum(body_mass_g) FROM 'onedrive:/bokeh_penguins.csv';
-- [344, 342, 1437000]
-- computed: csv_files.penguins_counted

-- name: mean by group
SELECT species, round(avg(body_mass_g), 6) FROM read_csv('onedrive:/bokeh_penguins.csv') GROUP BY species ORDER BY species;
-- computed: csv_files.mass_by_species

-- name: empty fields are NULL
SELECT count(*) FROM read_csv('onedrive:/bokeh_penguins.csv') WHERE sex IS NULL;
-- computed: csv_files.penguins_without_sex

-- name: types are found
DESCRIBE SELECT species, bill_length_mm, flipper_length_mm FROM read_csv('onedrive:/bokeh_penguins.csv');
-- ["species", "VARCHAR", "YES", null, null, null]
-- ["bill_length_mm", "DOUBLE", "YES", null, null, null]
-- ["flipper_length_mm", "BIGINT", "YES", null, null, null]

-- name: everything as text
SELECT max(alt), min(faa) FROM read_csv('onedrive:/nycflights_airports.csv', all_varchar = true);
-- computed: csv_files.airports_as_text

-- name: quoted names that hold commas
SELECT name, age, survived FROM read_csv('onedrive:/bokeh_titanic_all.csv', types = {'survived': 'BOOLEAN'}) WHERE name LIKE 'Allison%' AND age < 3 ORDER BY name;
-- computed: csv_files.small_allisons

-- name: dates in words
SELECT symbol, max(price), strptime(min(date), '%b %-d %Y')::DATE IS NOT NULL FROM read_csv('onedrive:/vega_stocks.csv', types = {'date': 'VARCHAR'})
GROUP BY symbol ORDER BY symbol;
-- computed: csv_files.dearest_by_symbol

-- name: a format for dates
SELECT min(date), max(date), count(DISTINCT date_trunc('month', date)) FROM read_csv('onedrive:/vega_seattle-weather.csv', dateformat = '%Y/%m/%d', types = {'date': 'DATE'});
-- computed: csv_files.weather_span

-- name: rain by month of the year
SELECT month(date) AS m, round(sum(precipitation), 4) FROM read_csv('onedrive:/vega_seattle-weather.csv') GROUP BY m ORDER BY m;
-- computed: csv_files.rain_by_month

-- name: a dialect with blanks after the commas
SELECT trim("Name") AS name, min(try_cast("Time" AS DOUBLE)) FROM read_csv('onedrive:/bokeh_sprint.csv', header = false, skip = 1, all_varchar = true,
  names = ['Name', 'Country', 'Medal', 'Time', 'Year']) WHERE "Year" = ' 2012' GROUP BY 1 ORDER BY 2;
-- computed: csv_files.sprinters_of_2012

-- name: a compressed file
SELECT count(*), count(DISTINCT "Postal Code") FROM read_csv('onedrive:/bokeh_SampleSuperstore.csv.gz');
-- computed: csv_files.places_in_the_superstore

-- name: a compressed file, grouped
SELECT "Region", round(sum("Sales"), 2) FROM read_csv('onedrive:/bokeh_SampleSuperstore.csv.gz') GROUP BY ALL ORDER BY 1;
-- computed: csv_files.sales_by_region

-- name: several files by name
SELECT parse_filename(filename) AS file, count(*) FROM read_csv(['onedrive:/nycflights_airlines.csv', 'onedrive:/nycflights_airports.csv'],
  union_by_name = true, filename = true) GROUP BY 1 ORDER BY 1;
-- computed: csv_files.flights_by_file

-- name: schemas are united by name
SELECT count(*), count(carrier), count(faa), count(name) FROM read_csv('onedrive:/nycflights_*.csv', union_by_name = true);
-- computed: csv_files.flights_united

-- name: a pattern in any letter case
SELECT count(*) FROM read_csv('onedrive:/NYCFLIGHTS_AIR?INES.csv');
-- [16]

-- name: columns that are named here
SELECT code, company FROM read_csv('onedrive:/nycflights_airlines.csv', header = true, columns = {'code': 'VARCHAR', 'company': 'VARCHAR'}) WHERE code < 'B' ORDER BY code;
-- computed: csv_files.airlines_before_b

-- name: names made easy
SELECT atomic_number, ie1 FROM read_csv('onedrive:/bokeh_elements.csv', normalize_names = true) WHERE symbol IN ('He', 'O') ORDER BY 1;
-- computed: csv_files.two_elements

-- name: names as they are
SELECT "Culmen Length (mm)", "Delta 15 N (o/oo)" FROM read_csv('onedrive:/penguins-raw.csv', nullstr = 'NA') WHERE "Sample Number" = 5 AND studyName = 'PAL0708';
-- computed: csv_files.raw_penguins

-- name: lines to skip
SELECT count(*) FROM read_csv('onedrive:/vega_us-employment.csv', skip = 21, header = false);
-- computed: csv_files.employment_without_twenty

-- name: a first line that is no header
SELECT column0 FROM read_csv('onedrive:/nycflights_airlines.csv', header = false) LIMIT 2;
-- ["carrier"]
-- ["9E"]

-- name: another separator makes one column
SELECT count(*), max(len(line)) FROM read_csv('onedrive:/bokeh_elements.csv', delim = '|', quote = '', escape = '', header = false, columns = {'line': 'VARCHAR'});
-- computed: csv_files.lines_of_elements

-- name: what the sniffer sees
SELECT Delimiter, HasHeader, len(Columns) FROM sniff_csv('onedrive:/nycflights_airports.csv');
-- [",", true, 8]

-- name: lines that do not fit are left out where that is asked
SELECT count(price) FROM read_csv('onedrive:/vega_stocks.csv', columns = {'symbol': 'VARCHAR', 'date': 'VARCHAR', 'price': 'UTINYINT'}, ignore_errors = true);
-- computed: csv_files.prices_of_a_byte

-- name: lines that do not fit are an error otherwise
SELECT max(symbol) FROM read_csv('onedrive:/vega_stocks.csv', columns = {'symbol': 'DATE', 'date': 'VARCHAR', 'price': 'DOUBLE'});
-- raises: SqlError symbol

-- name: a file that is not there
SELECT * FROM read_csv('onedrive:/none.csv');
-- raises: NotFoundError none.csv

-- name: a folder is no file
SELECT * FROM read_csv('onedrive:/');
-- raises: DriveqlError

-- name: the newest of each group by arg_max
SELECT symbol, arg_max(price, strptime(date, '%b %-d %Y')) FROM read_csv('onedrive:/vega_stocks.csv', types = {'date': 'VARCHAR'}) GROUP BY 1 ORDER BY 1;
-- computed: csv_files.newest_price_by_symbol

-- name: another owner's files, with the name of each
SELECT filename, count(*) FROM read_csv('onedrive://bruno@contoso.com/Reports/2026/sales-2026-0[12].csv', filename = true) GROUP BY 1 ORDER BY 1;
-- ["onedrive://bruno@contoso.com/Reports/2026/sales-2026-01.csv", 84]
-- ["onedrive://bruno@contoso.com/Reports/2026/sales-2026-02.csv", 84]

-- name: files of a site's library
SELECT count(*), sum(quantity) FROM read_csv('onedrive://contoso.sharepoint.com/sites/Sales/Shared Documents/Orders/2024/*.csv');
-- computed: csv_files.orders_of_2024

-- name: two stars reach every depth
SELECT count(DISTINCT filename) FROM read_csv('onedrive://contoso.sharepoint.com/sites/Sales/Shared Documents/Orders/**/*.csv', filename = true);
-- [30]

-- name: a file whose name needs care
SELECT content FROM read_text('onedrive://contoso.sharepoint.com/sites/Sales/Contracts/Odd names/Fabrikam #7 (100%).txt');
-- ["Fabrikam #7 (100%).txt\n"]

-- name: a whole file as bytes
SELECT md5(content), size FROM read_blob('onedrive:/bokeh_penguins.csv');
-- computed: csv_files.penguins_md5
