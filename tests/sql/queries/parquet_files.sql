--- Parquet where it lies, computed by pyarrow.
-- connection: samples

-- name: every plain type
SELECT id, bool_col, tinyint_col, int_col, bigint_col, float_col, double_col, date_string_col, timestamp_col FROM 'onedrive:/parquet_alltypes_plain.parquet' ORDER BY id;
-- computed: parquet_files.all_types

-- name: a dictionary and snappy hold the same kinds
SELECT id, string_col FROM read_parquet(['onedrive:/parquet_alltypes_dictionary.parquet', 'onedrive:/parquet_alltypes_plain.snappy.parquet']) ORDER BY id, string_col;
-- computed: parquet_files.two_encodings

-- name: bytes as text where that is asked
SELECT id, date_string_col FROM read_parquet('onedrive:/parquet_alltypes_plain.parquet', binary_as_string = true) WHERE id < 2 ORDER BY id;
-- [0, "01/01/09"]
-- [1, "01/01/09"]

-- name: decimals keep their two digits
SELECT sum(value), min(value), max(value), typeof(any_value(value)) FROM 'onedrive:/parquet_int64_decimal.parquet';
-- computed: parquet_files.decimals

-- name: lists with nothing in them, and no list
SELECT int64_list, utf8_list, len(int64_list) FROM 'onedrive:/parquet_list_columns.parquet';
-- computed: parquet_files.lists

-- name: lists as rows
SELECT n FROM (SELECT unnest(int64_list) AS n FROM 'onedrive:/parquet_list_columns.parquet') WHERE n IS NOT NULL ORDER BY n;
-- computed: parquet_files.unnested

-- name: maps within maps
SELECT b, c, map_keys(a), cardinality(a) FROM 'onedrive:/parquet_nested_maps.snappy.parquet' ORDER BY b, c;
-- computed: parquet_files.maps

-- name: second version of data pages
SELECT a, b, c, d, e FROM 'onedrive:/parquet_datapage_v2.snappy.parquet';
-- computed: parquet_files.data_pages

-- name: not a number is not NULL
SELECT count(*), count(mycol), bool_and(mycol IS NULL) FROM 'onedrive:/parquet_single_nan.parquet';
-- computed: parquet_files.single_nan

-- name: split streams of bytes
SELECT count(*), sum(f32::DOUBLE), sum(f64) FROM 'onedrive:/parquet_byte_stream_split.zstd.parquet';
-- computed: parquet_files.streams

-- name: delta encoding
SELECT "c_birth_year:", count(*) FROM 'onedrive:/parquet_delta_encoding_required_column.parquet' GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT 5;
-- computed: parquet_files.births

-- name: the same in Parquet and in CSV
SELECT count(*) FROM 'onedrive:/parquet_delta_encoding_required_column.parquet' p
JOIN read_csv('onedrive:/parquet_delta_encoding_required_column_expect.csv') c ON c.c_customer_sk = p."c_customer_sk:" AND c.c_last_name = p."c_last_name:";
-- computed: parquet_files.same_as_csv

-- name: what the file says of itself
SELECT num_rows, num_row_groups FROM parquet_file_metadata('onedrive:/parquet_alltypes_plain.parquet');
-- [8, 1]

-- name: its columns
SELECT name, type FROM parquet_schema('onedrive:/parquet_int64_decimal.parquet') WHERE type IS NOT NULL;
-- ["value", "INT64"]

-- name: a filter on a column
SELECT id FROM 'onedrive:/parquet_alltypes_plain.parquet' WHERE NOT bool_col AND bigint_col = 10 ORDER BY id;
-- computed: parquet_files.filtered

-- name: row numbers and names
SELECT parse_filename(filename), max(file_row_number) FROM read_parquet('onedrive:/parquet_alltypes_*.parquet', filename = true, file_row_number = true) GROUP BY 1 ORDER BY 1;
-- ["parquet_alltypes_dictionary.parquet", 1]
-- ["parquet_alltypes_plain.parquet", 7]
-- ["parquet_alltypes_plain.snappy.parquet", 1]

-- name: what is no Parquet file
SELECT * FROM read_parquet('onedrive:/vega_stocks.csv');
-- raises: SqlError vega_stocks.csv
