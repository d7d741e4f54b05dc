set session query_max_run_time = '17m';
show session like 'query_max_run_time'
