-- types of region
SELECT * FROM region ORDER BY regionkey

-- types of nation
SELECT * FROM nation ORDER BY nationkey LIMIT 2

-- types of customer
SELECT * FROM customer WHERE custkey = 1

-- types of supplier
SELECT * FROM supplier WHERE suppkey = 1

-- types of part
SELECT * FROM part WHERE partkey = 1

-- types of partsupp
SELECT * FROM partsupp WHERE partkey = 1 ORDER BY suppkey

-- types of orders
SELECT * FROM orders WHERE orderkey = 1

-- types of lineitem
SELECT * FROM lineitem WHERE orderkey = 1 ORDER BY linenumber

-- sizes of the small tables
SELECT (SELECT count(*) FROM lineitem) AS lineitem, (SELECT count(*) FROM orders) AS orders, (SELECT count(*) FROM partsupp) AS partsupp, (SELECT count(*) FROM part) AS part, (SELECT count(*) FROM customer) AS customer, (SELECT count(*) FROM supplier) AS supplier

-- sizes of the tables of sf1
SELECT (SELECT count(*) FROM sf1.partsupp) AS partsupp, (SELECT count(*) FROM sf1.part) AS part, (SELECT count(*) FROM sf1.customer) AS customer, (SELECT count(*) FROM sf1.supplier) AS supplier

-- sums over a table of sf1
SELECT count(*) AS n, sum(custkey) AS keys, round(sum(acctbal), 2) AS balance, min(name) AS first, max(length(comment)) AS longest FROM sf1.customer
