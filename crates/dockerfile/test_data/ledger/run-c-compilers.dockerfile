FROM gcc AS build
WORKDIR /w
COPY main.c util.c ./
RUN gcc -O2 -c util.c && gcc -o main main.c util.o && x86_64-linux-musl-gcc main.c
FROM scratch
COPY --from=build /w/main /main
COPY --from=build /w/a.out /other
