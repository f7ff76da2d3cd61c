FROM alpine # the base
FROM alpine AS b # c
