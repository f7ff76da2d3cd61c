FROM scratch
COPY . /src
COPY main.go /src/
COPY --chmod=755 run.sh /src
