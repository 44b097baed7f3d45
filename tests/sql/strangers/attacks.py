"""Statements that a stranger might try. `{csv}` and its like are canaries of this machine; of a list, the last counts."""

from __future__ import annotations

READS = """
SELECT * FROM read_csv('{csv}')
SELECT * FROM read_csv(['{csv}', '{csv}'])
SELECT * FROM read_csv('{dir}/*.csv')
SELECT * FROM read_csv('{dir}/../{name}/canary.csv')
SELECT * FROM read_csv_auto('{csv}')
SELECT * FROM read_single_csv_file('{csv}')
SELECT * FROM '{csv}'
SELECT * FROM "{csv}"
SELECT * FROM '{dir}/*.csv'
SELECT * FROM read_text('{csv}')
SELECT * FROM read_text('{link}')
SELECT * FROM read_blob('{csv}')
SELECT * FROM read_text('/proc/self/environ')
SELECT * FROM read_blob('/proc/self/cmdline')
SELECT * FROM read_text('/etc/passwd')
SELECT * FROM read_text('canary.csv')
SELECT * FROM read_text('~/.bashrc')
SELECT * FROM read_json('{json}')
SELECT * FROM read_json_auto('{json}')
SELECT * FROM read_json_objects('{json}')
SELECT * FROM read_ndjson('{json}')
SELECT * FROM read_ndjson_objects('{json}')
SELECT * FROM '{json}'
SELECT * FROM read_parquet('{parquet}')
SELECT * FROM parquet_scan('{parquet}')
SELECT * FROM '{parquet}'
SELECT * FROM parquet_metadata('{parquet}')
SELECT * FROM parquet_schema('{parquet}')
SELECT * FROM parquet_kv_metadata('{parquet}')
SELECT * FROM parquet_file_metadata('{parquet}')
SELECT * FROM parquet_bloom_probe('{parquet}', 'word', 'x')
SELECT * FROM read_duckdb('{dir}/x.duckdb')
SELECT * FROM sniff_csv('{csv}')
SELECT * FROM glob('{dir}/*')
SELECT * FROM glob('*')
SELECT * FROM glob('/*')
SELECT * FROM read_xlsx('{csv}')
SELECT * FROM read_xlsx('file://{csv}')
SELECT * FROM read_xlsx(['onedrive:/Notes/todo.md', '{csv}'])
SELECT * FROM worksheets('{csv}')
SELECT * FROM read_csv('file://{csv}')
SELECT * FROM read_csv('file:{csv}')
SELECT * FROM read_csv('FILE://localhost{csv}')
SELECT * FROM read_csv('local://{csv}')
SELECT * FROM read_csv('zip://canary.csv::file://{dir}/a.zip')
SELECT * FROM read_csv('zip://{dir}/a.zip/canary.csv')
SELECT * FROM read_csv('simplecache::file://{csv}')
SELECT * FROM read_csv('driveql-staging://{csv}')
SELECT * FROM read_csv({csv_chars})
SELECT * FROM read_csv('{dir}' || '/canary.csv')
SELECT * FROM read_text(concat('{dir}', chr(47), 'canary.csv'))
SELECT * FROM read_text(current_setting('home_directory') || 'etc/passwd')
SELECT * FROM query('SELECT * FROM read_text(''{csv}'')')
SELECT * FROM query_table('{csv}')
SELECT * FROM query_table(['{csv}', '{csv}'])
SELECT * FROM json_execute_serialized_sql(json_serialize_sql('SELECT * FROM read_text(''{csv}'')'))
SELECT * FROM (SELECT * FROM (SELECT * FROM read_text('{csv}')))
WITH t AS (SELECT * FROM read_text('{csv}')) SELECT * FROM t
SELECT (SELECT content FROM read_text('{csv}'))
SELECT 1 WHERE EXISTS (FROM read_text('{csv}'))
SELECT name FROM files UNION ALL SELECT content FROM read_text('{csv}')
FROM read_text('{csv}')
DESCRIBE SELECT * FROM read_csv('{csv}')
SUMMARIZE FROM read_csv('{csv}')
EXPLAIN SELECT * FROM read_csv('{csv}')
EXPLAIN ANALYZE SELECT * FROM read_csv('{csv}')
PIVOT read_csv('{csv}') ON word
CREATE TABLE stolen AS FROM read_text('{csv}')
CREATE TEMP TABLE stolen AS FROM '{csv}'
CREATE VIEW stolen AS FROM read_text('{csv}')
CREATE TYPE stolen AS ENUM (SELECT content FROM read_text('{csv}'))
INSERT INTO items (path, content) SELECT '/Notes/stolen.txt', content FROM read_text('{csv}')
INSERT INTO items (path, local_path) VALUES ('/Notes/stolen.txt', '{csv}')
INSERT INTO items (path, local_path) SELECT '/Notes/stolen.txt', '{dir}' || '/canary.csv'
UPDATE items SET description = (SELECT content FROM read_text('{csv}')) WHERE path = '/Notes/todo.md'
COPY (SELECT * FROM read_text('{csv}')) TO 'onedrive:/Notes/stolen.csv'
COPY (SELECT * FROM read_text('{csv}')) TO 'onedrive:/Notes/stolen.xlsx'
CALL upload_file('{csv}', '/Notes/stolen.csv')
CALL upload_file(local_path => '{dir}' || '/canary.csv', path => '/Notes/stolen.csv')
CALL create_folder((SELECT content FROM read_text('{csv}')))
SELECT * FROM read_csv('onedrive:/Reports/2026/*.csv') JOIN '{csv}' ON true
/* read_csv */ SELECT /* -- */ * FROM -- '
 read_csv /**/ ( '{csv}' )
SELECT * FROM "read_text"('{csv}')
SELECT * FROM main.read_text('{csv}')
SELECT * FROM system.main.read_text('{csv}')
SELECT * FROM read_text($${csv}$$)
SELECT * FROM read_text(E'{csv}')
SELECT 1; SELECT * FROM read_text('{csv}')
SELECT $$;$$; FROM '{csv}'
SELECT getenv('DRIVEQL_CANARY')
SELECT * FROM canary_rows
SELECT * FROM canary_frame
SELECT * FROM pandas_scan(0)
SELECT * FROM arrow_scan(0, 0, 0)
SELECT * FROM python_arrow_scan(NULL)
SELECT * FROM duckdb_extensions()
"""

WRITES = """
COPY (SELECT 1) TO '{out}'
COPY (SELECT 1) TO 'out.csv'
COPY (SELECT 1) TO 'file://{out}'
COPY (SELECT 1) TO '{out}' (FORMAT parquet)
COPY (SELECT 1 AS a, 2 AS b) TO '{dir}/parts' (FORMAT csv, PARTITION_BY (a))
COPY (SELECT 1) TO '{dir}/parts' (PER_THREAD_OUTPUT)
COPY (SELECT 1) TO '/dev/stdout'
COPY (SELECT 1) TO 'driveql-staging://x/y'
COPY files TO '{out}'
COPY FROM DATABASE memory TO other
EXPLAIN ANALYZE COPY (SELECT 1) TO '{out}'
EXPORT DATABASE '{dir}/export'
EXPORT DATABASE 'onedrive:///export'
IMPORT DATABASE '{dir}'
PRAGMA import_database('{dir}')
ATTACH '{dir}/x.duckdb'
ATTACH '{dir}/x.duckdb' AS x (READ_ONLY)
ATTACH ':memory:' AS x
ATTACH 'onedrive:///x.duckdb'
ATTACH '{http}/x.duckdb' AS x
DETACH memory
CALL download_file('/Notes/todo.md', '{out}')
CALL download_file(path => '/Notes/todo.md', local_path => '{dir}' || '/out', overwrite => true)
SET driveql.audit_log = '{out}'
CALL enable_logging(storage = 'file', storage_path = '{dir}/log')
CALL enable_logging('FileSystem')
PRAGMA enable_profiling
PRAGMA profiling_output = '{out}'
SET profiling_output = '{out}'
SET profile_output = '{out}'
SET log_query_path = '{out}'
SET temp_directory = '{dir}'
CHECKPOINT
PRAGMA database_list
PRAGMA storage_info('files')
UPDATE EXTENSIONS
"""

REACHES = """
SELECT * FROM read_csv('{http}/a.csv')
SELECT * FROM '{http}/a.csv'
SELECT * FROM read_text('{http}/a')
SELECT * FROM read_parquet('{http}/a.parquet')
SELECT * FROM read_csv('s3://bucket/a.csv?s3_endpoint=127.0.0.1')
SELECT * FROM read_csv('hf://datasets/a/b.csv')
SELECT * FROM read_csv('onedrive:/Reports/2026/*.csv') UNION ALL BY NAME SELECT * FROM '{http}/a.csv'
COPY (SELECT 1) TO '{http}/a.csv'
INSTALL httpfs
INSTALL httpfs FROM '{http}'
FORCE INSTALL httpfs FROM '{dir}'
LOAD httpfs
LOAD '{dir}/evil.duckdb_extension'
CREATE SECRET s (TYPE http, BEARER_TOKEN 'x')
CREATE OR REPLACE PERSISTENT SECRET s (TYPE http, BEARER_TOKEN 'x')
DROP SECRET s
SET custom_extension_repository = '{http}'
SET http_proxy = '{http}'
SELECT * FROM duckdb_secrets(redact = false)
"""

SETTINGS = """
SET enable_external_access = true
SET GLOBAL enable_external_access = true
SET "enable_external_access" = true
RESET enable_external_access
SET lock_configuration = false
RESET lock_configuration
PRAGMA lock_configuration = false
PRAGMA enable_external_access = true
SET allowed_directories = ['/']
SET allowed_paths = ['{csv}']
SET allowed_configs = ['enable_external_access']
SET disabled_filesystems = ''
SET python_enable_replacements = true
SET python_scan_all_frames = true
SET autoload_known_extensions = true
SET allow_unsigned_extensions = true
SET allow_community_extensions = true
SET allow_unredacted_secrets = true
SET allow_persistent_secrets = true
SET secret_directory = '{dir}'
SET extension_directories = ['{dir}']
SET home_directory = '{dir}'
SET file_search_path = '{dir}'
SET memory_limit = '900GB'
PRAGMA memory_limit = '900GB'
SET threads = 64
SET max_expression_depth = 1000000
SET /**/ gLoBaL enable_external_access TO true
"""

STEPS = (
    ("SET VARIABLE p = '{csv}'", "SELECT * FROM read_text(getvariable('p'))"),
    ("PREPARE p1 AS SELECT * FROM read_text('{csv}')",),
    ("PREPARE p2 AS SELECT * FROM read_text(?)",),
    ("EXECUTE p2('{csv}')",),
    ("CREATE OR REPLACE MACRO steal(p) AS TABLE SELECT * FROM read_text(p)", "SELECT * FROM steal('{csv}')"),
    ("CREATE OR REPLACE MACRO steal1(p) AS (SELECT content FROM read_text(p))", "SELECT steal1('{csv}')"),
    ("CREATE OR REPLACE TABLE taken (line VARCHAR)", "COPY taken FROM '{csv}'"),
    ("CREATE OR REPLACE TABLE taken (line VARCHAR)", "COPY taken TO '{out}'"),
    ("CREATE OR REPLACE TABLE taken (line VARCHAR)", "INSERT INTO taken SELECT content FROM read_text('{csv}')"),
    (
        "CREATE OR REPLACE TABLE names AS SELECT '{csv}' AS p",
        "SELECT * FROM read_text((SELECT p FROM names))",
    ),
)  # fmt: skip

# Harmless as they are: they lead into OneDrive and find nothing there, or tell what everybody may know.
NOWHERE = """
SELECT * FROM read_text('onedrive:///../../..{csv}')
SELECT * FROM read_text('onedrive:/..{csv}')
SELECT * FROM read_text('onedrive://{csv}')
SELECT * FROM read_text('onedrive:///%2e%2e/%2e%2e{csv}')
SELECT * FROM read_text('onedrive://localhost{csv}')
SELECT * FROM read_xlsx('onedrive:/../..{csv}')
SELECT * FROM read_xlsx('{http}/a.xlsx')
CALL generic_request(method => 'GET', url => '{http}/users')
COPY (SELECT 1) TO 'onedrive:/../../..{out}'
"""

TELLING = """
SELECT * FROM duckdb_settings()
SELECT * FROM duckdb_secrets()
SELECT * FROM which_secret('s3://x', 's3')
SELECT * FROM duckdb_databases()
SELECT * FROM duckdb_logs()
SELECT * FROM duckdb_temporary_files()
SELECT * FROM duckdb_external_file_cache()
SELECT * FROM duckdb_variables()
SELECT * FROM duckdb_external_resources()
SELECT current_setting('secret_directory'), current_setting('temp_directory'), current_setting('home_directory')
SELECT current_user, current_catalog(), current_query(), version()
SELECT write_log('x')
SELECT sql, view_name FROM duckdb_views()
"""


def lines(text: str) -> list[str]:
    """Return the statements of a text: one a line; a line that begins with a blank goes on."""
    return [part.replace("\x00", "\n") for part in text.strip().replace("\n ", "\x00 ").split("\n")]
