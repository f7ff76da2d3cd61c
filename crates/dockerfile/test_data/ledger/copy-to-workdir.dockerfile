FROM scratch
WORKDIR /app
WORKDIR sub
COPY . .
COPY a.txt ./
COPY b.txt ../c.txt
