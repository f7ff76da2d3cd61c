FROM scratch
COPY nope /a
COPY empty /b
