--- What driveql adds to DuckDB's readers: a root in JSON, members of archives, columns of the item, files that cannot be read.
-- connection: samples

-- name: rows at a root within a JSON file
SELECT count(*), min(attributes.nam), max(geometry.x) FROM read_json('onedrive:/bokeh_airports.json', root = '$.features[*]');
-- computed: json_files.airports_unnested

-- name: GeoJSON at its root
SELECT count(*), count(DISTINCT properties.OrganisationType), max(geometry.coordinates[2]) FROM read_json('onedrive:/bokeh_sample_geojson.geojson', root = '$.features[*]');
-- computed: json_files.geojson_features

-- name: lines of every invoice, with its number
SELECT product, sum(quantity) FROM read_json('onedrive://groups/finance@contoso.com/Invoices/2026.json', root = '$[*].lines[*]') GROUP BY 1 ORDER BY 1;
-- computed: json_files.quantities_by_product

-- name: a member of an archive
SELECT species, round(avg(body_mass_g), 6) FROM read_csv('onedrive:/Packed/tables.zip/tables/bokeh_penguins.csv') GROUP BY species ORDER BY species;
-- computed: csv_files.mass_by_species

-- name: members by a pattern
SELECT parse_filename(filename) AS file, count(*) FROM read_csv('onedrive:/Packed/*.zip/tables/nycflights_*.csv', union_by_name = true, filename = true) GROUP BY 1 ORDER BY 1;
-- computed: csv_files.flights_by_file

-- name: JSON in an archive
SELECT count(*) FROM read_json('onedrive:/Packed/tables.zip/**/vega_cars.json') WHERE "Miles_per_Gallon" IS NULL;
-- computed: json_files.cars_without_mileage

-- name: a member that is not there
SELECT * FROM read_csv('onedrive:/Packed/tables.zip/tables/none.csv');
-- raises: NotFoundError none.csv

-- name: columns of the item that a row came from
SELECT DISTINCT file_name, file_path, file_size FROM read_csv('onedrive:/nycflights_airlines.csv', file_columns = true);
-- computed: csv_files.airlines_item

-- name: columns of the item join its listing
SELECT i.name, i.e_tag = r.file_e_tag, count(*) FROM read_csv('onedrive:/nycflights_airlines.csv', file_columns = true) r JOIN items i ON i.id = r.file_id GROUP BY ALL;
-- ["nycflights_airlines.csv", true, 16]

-- name: a file that cannot be read ends the statement
SELECT count(*) FROM read_json(['onedrive:/vega_iris.json', 'onedrive:/Packed/broken.csv']);
-- raises: SqlError broken.csv

-- name: a file that cannot be read is left out where that is asked
SELECT count(*) FROM read_json(['onedrive:/vega_iris.json', 'onedrive:/Packed/broken.csv'], on_file_error = 'skip');
-- [150]

-- name: a root that is no path
-- requests: 0
SELECT * FROM read_json('onedrive:/vega_iris.json', root = 'features');
-- raises: SqlError features

-- name: what Graph answers to any GET
SELECT "displayName" FROM read_graph('/groups?$select=displayName') ORDER BY 1;
-- ["All Employees"]
-- ["Finance"]
-- ["Project Aurora"]
