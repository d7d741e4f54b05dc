-- parts of a date
SELECT year(DATE '2024-02-29'), quarter(DATE '2024-02-29'), month(DATE '2024-02-29'), day(DATE '2024-02-29'), day_of_week(DATE '2024-02-29'), day_of_year(DATE '2024-02-29')

-- weeks of a date
SELECT week(DATE '2024-12-30'), week_of_year(DATE '2021-01-01'), year_of_week(DATE '2024-12-30'), yow(DATE '2021-01-01'), dow(DATE '2024-03-03')

-- parts of a timestamp
SELECT hour(TIMESTAMP '2024-02-29 12:34:56.789'), minute(TIMESTAMP '2024-02-29 12:34:56.789'), second(TIMESTAMP '2024-02-29 12:34:56.789'), millisecond(TIMESTAMP '2024-02-29 12:34:56.789')

-- extract
SELECT extract(YEAR FROM DATE '2024-02-29'), extract(DOW FROM DATE '2024-02-29'), extract(HOUR FROM TIMESTAMP '2024-02-29 12:34:56'), extract(QUARTER FROM TIMESTAMP '2024-02-29 12:34:56'), extract(WEEK FROM DATE '2024-02-29')

-- date_trunc of timestamps
SELECT date_trunc('second', TIMESTAMP '2024-08-22 03:04:05.321'), date_trunc('hour', TIMESTAMP '2024-08-22 03:04:05.321'), date_trunc('day', TIMESTAMP '2024-08-22 03:04:05.321'), date_trunc('week', TIMESTAMP '2024-08-22 03:04:05.321'), date_trunc('month', TIMESTAMP '2024-08-22 03:04:05.321'), date_trunc('year', TIMESTAMP '2024-08-22 03:04:05.321')

-- date_trunc of dates
SELECT date_trunc('day', DATE '2024-08-22'), date_trunc('week', DATE '2024-08-22'), date_trunc('month', DATE '2024-08-22'), date_trunc('quarter', DATE '2024-08-22'), date_trunc('year', DATE '2024-08-22')

-- date_add
SELECT date_add('day', 7, DATE '2024-02-25'), date_add('month', 1, DATE '2024-01-31'), date_add('hour', -1, TIMESTAMP '2024-01-01 00:30:00'), date_add('year', 1, DATE '2024-02-29'), date_add('quarter', 1, DATE '2024-01-15')

-- date_diff
SELECT date_diff('day', DATE '2024-01-01', DATE '2024-03-01'), date_diff('month', DATE '2024-01-31', DATE '2024-02-29'), date_diff('hour', TIMESTAMP '2024-01-01 00:00:00', TIMESTAMP '2024-01-02 01:59:00'), date_diff('year', DATE '2023-03-01', DATE '2024-02-29'), date_diff('second', TIMESTAMP '2024-01-01 00:00:10', TIMESTAMP '2024-01-01 00:00:00')

-- dates and intervals
SELECT DATE '2024-01-31' + INTERVAL '1' DAY, DATE '2024-01-31' + INTERVAL '1' MONTH, DATE '2024-02-29' - INTERVAL '1' YEAR, TIMESTAMP '2024-01-01 00:00:00' - INTERVAL '90' SECOND, INTERVAL '2' DAY + DATE '2024-01-01'

-- differences of dates and timestamps
SELECT DATE '2024-03-01' - DATE '2024-02-01', TIMESTAMP '2024-01-02 01:00:00' - TIMESTAMP '2024-01-01 00:00:00.5'

-- comparisons of dates
SELECT DATE '2024-01-01' < DATE '2024-01-02', DATE '2024-01-01' = TIMESTAMP '2024-01-01 00:00:00', TIMESTAMP '2024-01-01 12:00:00' BETWEEN DATE '2024-01-01' AND DATE '2024-01-02', greatest(DATE '2024-01-01', DATE '2023-01-01')

-- date_format
SELECT date_format(TIMESTAMP '2024-02-09 15:04:05.678', '%Y-%m-%d %H:%i:%s'), date_format(TIMESTAMP '2024-02-09 15:04:05.678', '%W, %M %e %y, %h:%i %p'), date_format(TIMESTAMP '2024-02-09 15:04:05.678', '%a %b %c %j %f'), date_format(DATE '2024-02-09', '%d/%m/%Y')

-- date_parse
SELECT date_parse('2024-02-09 15:04', '%Y-%m-%d %H:%i'), date_parse('09/Feb/2024', '%d/%b/%Y'), date_parse('20240209', '%Y%m%d')

-- format_datetime and parse_datetime
SELECT format_datetime(TIMESTAMP '2024-02-09 15:04:05', 'yyyy-MM-dd''T''HH:mm:ss'), format_datetime(TIMESTAMP '2024-02-09 15:04:05', 'EEE, d MMM yyyy'), parse_datetime('2024-02-09 15:04', 'yyyy-MM-dd HH:mm')

-- ISO 8601
SELECT to_iso8601(DATE '2024-02-09'), to_iso8601(TIMESTAMP '2024-02-09 15:04:05.678'), to_iso8601(TIMESTAMP '2024-02-09 15:04:05 +02:00'), from_iso8601_date('2024-02-09'), from_iso8601_timestamp('2024-02-09T15:04:05Z')

-- unix time
SELECT from_unixtime(0), from_unixtime(1700000000.5), to_unixtime(TIMESTAMP '2023-11-14 22:13:20'), from_unixtime(1700000000, 'Europe/Berlin')

-- date of a timestamp
SELECT date(TIMESTAMP '2024-02-09 15:04:05'), date('2024-02-09'), last_day_of_month(DATE '2024-02-09')

-- time zones
SELECT TIMESTAMP '2024-07-01 12:00:00 UTC' AT TIME ZONE 'America/Los_Angeles', TIMESTAMP '2024-01-01 12:00:00 UTC' AT TIME ZONE 'Europe/Berlin', at_timezone(TIMESTAMP '2024-07-01 12:00:00 UTC', 'Asia/Tokyo'), timezone_hour(TIMESTAMP '2024-07-01 12:00:00 +05:30'), timezone_minute(TIMESTAMP '2024-07-01 12:00:00 +05:30')

-- comparisons across time zones
SELECT TIMESTAMP '2024-07-01 12:00:00 UTC' = TIMESTAMP '2024-07-01 14:00:00 Europe/Berlin', TIMESTAMP '2024-07-01 12:00:00 UTC' < TIMESTAMP '2024-07-01 12:00:00 America/New_York'

-- the present has the right types and is consistent
SELECT typeof(now()), typeof(current_date), typeof(localtimestamp), typeof(current_time), current_timestamp = now(), current_date = CAST(now() AS date)

-- the session's time zone
--! zone Asia/Kolkata
SELECT current_timezone(), TIMESTAMP '2024-01-01 00:00:00', from_unixtime(0), CAST(TIMESTAMP '2024-01-01 20:00:00 UTC' AS date)

-- time arithmetic
SELECT TIME '01:02:03' + INTERVAL '1' HOUR, TIME '23:30:00' + INTERVAL '1' HOUR, hour(TIME '13:14:15'), date_diff('minute', TIME '01:00:00', TIME '02:30:00')

-- sequence of dates
SELECT sequence(DATE '2024-01-30', DATE '2024-02-02'), sequence(DATE '2024-01-01', DATE '2024-03-01', INTERVAL '1' MONTH)

-- dates of a table
SELECT orderkey, orderdate, year(orderdate) AS y, date_trunc('month', orderdate) AS m, orderdate + INTERVAL '10' DAY AS due FROM orders WHERE orderkey < 5 ORDER BY orderkey

-- filter by a range of dates
SELECT count(*) AS n, min(orderdate) AS first, max(orderdate) AS last FROM orders WHERE orderdate >= DATE '1995-01-01' AND orderdate < DATE '1995-01-01' + INTERVAL '3' MONTH

-- orders by month
SELECT date_trunc('month', orderdate) AS month, count(*) AS n FROM orders WHERE orderdate BETWEEN DATE '1996-01-01' AND DATE '1996-06-30' GROUP BY 1 ORDER BY 1

-- milliseconds and durations
SELECT parse_duration('90s'), to_milliseconds(INTERVAL '1' DAY)

-- years of two digits with numbers behind them
SELECT date_parse('240209', '%y%m%d'), date_parse('700101', '%y%m%d'), parse_datetime('240209', 'yyMMdd'), parse_datetime('2024-02', 'yy-MM')

-- times with zones are compared as instants
SELECT TIME '10:00:00 +02:00' = TIME '08:00:00 +00:00', TIME '10:00:00 +02:00' <> TIME '10:00:00 +01:00', TIME '01:00:00 +02:00' < TIME '00:30:00 +00:00'

-- days added into an hour that a clock shows twice
SELECT to_unixtime(date_add('day', -1, TIMESTAMP '2024-10-28 02:30:00 Europe/Berlin')), to_unixtime(date_add('day', 1, TIMESTAMP '2024-10-26 02:30:00 Europe/Berlin'))

-- summer time in the far future
SELECT TIMESTAMP '2100-07-01 12:00:00 UTC' AT TIME ZONE 'Europe/Berlin', TIMESTAMP '2400-01-01 12:00:00 UTC' AT TIME ZONE 'America/New_York'

-- a day added into a gap of the session's zone
--! zone Europe/Berlin
SELECT date_add('day', 1, TIMESTAMP '2024-03-30 02:30:00'), TIMESTAMP '2024-03-30 02:30:00' + INTERVAL '1' MONTH
