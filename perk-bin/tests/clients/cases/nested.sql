select
  k,
  if(k = 1, cast(array[1, null, 3] as array(bigint))) as integers,
  if(k = 1, cast(array['a"b\', 'é☃🎉', '[1]', null] as array(varchar))) as texts,
  if(k = 1, cast(array[array[1], null, array[]] as array(array(integer)))) as arrays,
  if(k = 1, cast(row(1, 'x', null) as row(id bigint, name varchar, none double))) as fields,
  if(k = 1, cast(array[row(1, array['p', 'q']), null, row(2, null)] as array(row(id bigint, tags array(varchar))))) as rows_in_array,
  if(k = 1, cast(map(array['b', 'a'], array[1, null]) as map(varchar, bigint))) as counts,
  if(k = 1, cast(map(array['k'], array[array[1.5e0, 1e0, null, nan(), infinity()]]) as map(varchar, array(double)))) as arrays_in_map,
  if(k = 1, cast(map(array[7], array[row('n', map(array['e'], array[1.5]))])
    as map(bigint, row(name varchar, prices map(varchar, decimal(10, 2)))))) as rows_in_map,
  if(k = 1, cast(row(true, date '2024-02-29', timestamp '2024-02-29 01:02:03.456')
    as row(flag boolean, day date, moment timestamp))) as times,
  if(k = 1, cast(row(1, 'y') as row(bigint, varchar))) as anonymous,
  if(k = 1, cast(array[] as array(varchar))) as empty,
  if(k = 1, array[json_parse('{"a":[1]}'), json_parse('null'), null]) as documents,
  if(k = 1, json_parse('[1,{"b":null}]')) as document,
  if(k = 1, cast('[ 1 ]' as varchar)) as text,
  if(k = 1, cast(1.5 as decimal(10, 2))) as price,
  if(k = 1, cast('c' as char(3))) as padded,
  if(k = 1, cast('v' as varchar(5))) as short,
  if(k = 1, cast(x'00ff41' as varbinary)) as bytes,
  if(k = 1, date '2024-02-29') as day,
  if(k = 1, time '01:02:03.456') as clock,
  if(k = 1, time '01:02:03.456 +02:00') as clock_there,
  if(k = 1, timestamp '2024-02-29 01:02:03.456') as moment,
  if(k = 1, timestamp '2024-02-29 01:02:03.456 Europe/Berlin') as moment_there,
  if(k = 1, interval '2' day) as days
from (values 1, 2) as t (k)
order by k
