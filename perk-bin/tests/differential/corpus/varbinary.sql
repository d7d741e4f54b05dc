-- hex and base64
SELECT to_hex(X'00FF'), from_hex('48656c6c6f'), to_base64(to_utf8('hello')), from_base64('aGVsbG8='), to_base64url(X'FFFE')

-- hashes
SELECT to_hex(sha256(to_utf8('abc'))), to_hex(sha1(to_utf8('abc'))), to_hex(md5(X'')), to_hex(xxhash64(to_utf8('abc'))), crc32(to_utf8('hello'))

-- longer hashes and hmac
SELECT to_hex(sha512(to_utf8('abc'))), to_hex(hmac_sha256(to_utf8('abc'), to_utf8('key')))

-- lengths, concatenation and slices of binary
SELECT length(X'00FF'), X'00' || X'FF', substr(X'01020304', 2, 2), reverse(X'0102'), lpad(X'01', 3, X'00')

-- comparisons of binary
SELECT X'00' < X'01', X'0102' = X'0102', X'' < X'00'

-- integers and doubles as binary
SELECT to_big_endian_64(1), from_big_endian_64(X'0000000000000001'), to_ieee754_64(1e0), from_ieee754_64(X'3FF0000000000000'), to_big_endian_32(1)

-- utf-8
SELECT to_utf8('é☃'), from_utf8(X'C3A9'), from_utf8(X'41FF42'), from_utf8(X'41FF42', '?')
