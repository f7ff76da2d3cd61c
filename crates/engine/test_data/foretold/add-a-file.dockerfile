#: files a
FROM scratch
ADD a /added/
#: then edit a
