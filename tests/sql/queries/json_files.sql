--- JSON where it lies, computed by Python's json.
-- connection: samples

-- name: an array of objects is a table
SELECT "Origin", count(*), count("Horsepower"), avg("Weight_in_lbs") FROM 'onedrive:/vega_cars.json' GROUP BY 1 ORDER BY 1;
-- computed: json_files.cars_by_origin

-- name: a null is NULL
SELECT count(*) FROM read_json('onedrive:/vega_cars.json') WHERE "Miles_per_Gallon" IS NULL;
-- computed: json_files.cars_without_mileage

-- name: dates are found
SELECT typeof("Year"), count(DISTINCT "Year") FROM read_json('onedrive:/vega_cars.json') GROUP BY 1;
-- computed: json_files.years_of_cars

-- name: a column of every kind
SELECT variety, year, sum("yield") FROM read_json('onedrive:/vega_barley.json') WHERE site = 'Waseca' GROUP BY ALL ORDER BY 1, 2;
-- computed: json_files.barley_of_waseca

-- name: ranks within groups
SELECT species, "petalLength" FROM read_json('onedrive:/vega_iris.json')
QUALIFY row_number() OVER (PARTITION BY species ORDER BY "petalLength" DESC) = 1 ORDER BY 1;
-- computed: json_files.longest_petals

-- name: columns that are told
SELECT side, typeof(year) FROM read_json('onedrive:/vega_driving.json', columns = {'side': 'VARCHAR', 'year': 'SMALLINT'}) LIMIT 1;
-- ["left", "SMALLINT"]

-- name: an object with nested lists
SELECT "displayFieldName", len(features), len(fields) FROM read_json('onedrive:/bokeh_airports.json');
-- computed: json_files.airports_whole

-- name: nested lists unnested
SELECT count(*), min(f.attributes.nam), max(f.geometry.x) FROM (SELECT unnest(features) AS f FROM read_json('onedrive:/bokeh_airports.json'));
-- computed: json_files.airports_unnested

-- name: GeoJSON by paths
SELECT count(*), count(DISTINCT f->>'$.properties.OrganisationType'), max((f->>'$.geometry.coordinates[1]')::DOUBLE)
FROM (SELECT unnest(j->'$.features[*]') AS f FROM (SELECT content::JSON AS j FROM read_text('onedrive:/bokeh_sample_geojson.geojson')));
-- computed: json_files.geojson_features

-- name: each value as it is
SELECT json->>'species', (json->>'sepalWidth')::DOUBLE FROM read_json_objects('onedrive:/vega_iris.json') LIMIT 2;
-- ["setosa", 3.5]
-- ["setosa", 3.0]

-- name: lines of JSON
SELECT count(*), round(sum(weight_kg), 1), max(delivery) FROM read_json('onedrive://contoso.sharepoint.com/sites/Operations/Shared Documents/Deliveries/2026-06.jsonl');
-- computed: json_files.deliveries

-- name: lines of JSON said to be lines
SELECT delivery FROM read_ndjson('onedrive://contoso.sharepoint.com/sites/Operations/Shared Documents/Deliveries/*.jsonl') WHERE delivery < 3 ORDER BY 1 DESC;
-- [2]
-- [1]
-- [0]

-- name: a struct and a list in it
SELECT name, mail, themes, themes[1], len(themes) FROM read_json('onedrive://alice@contoso.com/Settings/profile.json');
-- ["Alice Romero", "alice@contoso.com", ["dark", "compact"], "dark", 2]

-- name: the settings of everybody
SELECT name FROM read_json(['onedrive://bruno@contoso.com/Settings/profile.json', 'onedrive://emi@contoso.com/Settings/profile.json']) ORDER BY name;
-- ["Bruno Keller"]
-- ["Emi Tanaka"]

-- name: lines of invoices
SELECT customer, sum(l.quantity) FROM (SELECT customer, unnest(lines) AS l FROM read_json('onedrive://groups/finance@contoso.com/Invoices/2026.json'))
GROUP BY 1 ORDER BY 1;
-- computed: json_files.quantities_by_customer

-- name: lists counted, filtered and transformed
SELECT number, list_sum([l.quantity FOR l IN lines]), len(list_filter(lines, lambda l: l.quantity > 5)), list_transform(lines, lambda l: l.product)
FROM read_json('onedrive://groups/finance@contoso.com/Invoices/2026.json') ORDER BY number LIMIT 3;
-- computed: json_files.first_invoices

-- name: text that is no JSON
SELECT * FROM read_json('onedrive:/bokeh_penguins.csv');
-- raises: SqlError JSON
