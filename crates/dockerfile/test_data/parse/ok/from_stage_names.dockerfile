FROM a AS B-1_x.Y
FROM a as b
FROM a As c
FROM a aS d
FROM a aſ e
