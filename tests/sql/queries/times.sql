--- Dates, times and time zones.

-- name: timestamps have a zone and are UTC
SELECT typeof(last_modified_date_time), last_modified_date_time FROM files WHERE path = '/Notes/todo.md';
-- ["TIMESTAMP WITH TIME ZONE", "2026-06-12T09:30:00+00:00"]

-- name: another zone shows another hour
SET TimeZone = 'America/New_York';
SELECT hour(last_modified_date_time), last_modified_date_time::VARCHAR FROM files WHERE path = '/Notes/todo.md';
-- [5, "2026-06-12 05:30:00-04"]
RESET TimeZone;
SELECT hour(last_modified_date_time) FROM files WHERE path = '/Notes/todo.md';
-- [9]

-- name: a day begins where the zone says
SET TimeZone = 'Pacific/Auckland';
SELECT name FROM files WHERE last_modified_date_time::DATE = DATE '2026-06-12' ORDER BY 1;
-- ["todo.md"]
SELECT name FROM files WHERE last_modified_date_time::DATE = DATE '2026-06-13' ORDER BY 1;
-- ["Empty.txt"]
RESET TimeZone;
SELECT count(*) FROM files WHERE last_modified_date_time >= '2026-06-12' AND last_modified_date_time < '2026-06-13';
-- [1]

-- name: a moment in a named zone
SELECT last_modified_date_time AT TIME ZONE 'Europe/Zurich', last_modified_date_time AT TIME ZONE 'Asia/Kolkata' FROM files WHERE path = '/Notes/todo.md';
-- ["2026-06-12T11:30:00", "2026-06-12T15:00:00"]

-- name: summer and winter
SELECT name, hour(last_modified_date_time AT TIME ZONE 'Europe/Madrid') FROM files WHERE name IN ('sales-2026-01.csv', 'sales-2026-05.csv') ORDER BY 1;
-- ["sales-2026-01.csv", 10]
-- ["sales-2026-05.csv", 11]

-- name: parts of a time
SELECT year(t), quarter(t), dayname(t), week(t), epoch_ms(t) FROM (SELECT last_modified_date_time AS t FROM files WHERE path = '/Settings/profile.json');
-- [2026, 1, "Tuesday", 6, 1770111000000]

-- name: by months
SELECT strftime(last_modified_date_time, '%Y-%m') AS month, count(*) FROM files GROUP BY 1 ORDER BY 1 DESC LIMIT 2;
-- ["2026-06", 3]
-- ["2026-05", 1]

-- name: truncated in the session's zone
SELECT date_trunc('month', last_modified_date_time), count(*) FROM files WHERE parent_path = '/Notes' GROUP BY 1;
-- ["2026-06-01T00:00:00+00:00", 2]

-- name: intervals
SELECT max(last_modified_date_time) - min(last_modified_date_time), date_diff('day', min(last_modified_date_time), max(last_modified_date_time))
FROM files WHERE parent_path = '/Reports/2026';
-- ["151 days, 0:00:00", 151]

-- name: within a time of another file
SELECT b.name FROM files a JOIN files b ON b.last_modified_date_time BETWEEN a.last_modified_date_time - INTERVAL 1 MONTH AND a.last_modified_date_time
WHERE a.path = '/Notes/todo.md' ORDER BY 1;
-- ["sales-2026-05.csv"]
-- ["todo.md"]

-- name: days that have no sale
SELECT count(*) FROM generate_series(DATE '2026-01-01', DATE '2026-01-31', INTERVAL 1 DAY) d(day)
ANTI JOIN read_csv('onedrive:/Reports/2026/sales-2026-01.csv') s ON s.date = d.day;
-- [3]

-- name: a date of a file is a date
SELECT typeof(date), min(date), max(date) FROM read_csv('onedrive:/Reports/2026/sales-2026-02.csv') GROUP BY 1;
-- ["DATE", "2026-02-01", "2026-02-28"]

-- name: today is after everything here
SELECT count(*) FROM files WHERE last_modified_date_time > now() + INTERVAL 1 YEAR;
-- [0]

-- name: a date that is none
SELECT name FROM files WHERE last_modified_date_time > '2026-02-30';
-- raises: SqlError 2026-02-30
