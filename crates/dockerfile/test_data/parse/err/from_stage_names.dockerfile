FROM a AS 1
FROM a AS b/c
FROM a AS "b"
FROM a AS $x
FROM a AS ü
