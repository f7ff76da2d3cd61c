#: files a b.log keep.log
#: ignore *.log
#: ignore !keep.log
FROM scratch
COPY . /all/
#: then edit b.log
