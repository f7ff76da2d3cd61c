# gone
#
# kept
FROM alpine
