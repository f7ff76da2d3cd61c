FROM alpine
RNU a
frmo b
Workdri /x
xyzzy --flag <<EOF
