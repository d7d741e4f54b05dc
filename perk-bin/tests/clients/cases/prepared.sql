select cast(? as bigint) as i, cast(? as varchar) as s, cast(? as double) as d, cast(? as boolean) as b, cast(? as date) as t, count(*) as n
from tpch.tiny.nation where nationkey < ?
