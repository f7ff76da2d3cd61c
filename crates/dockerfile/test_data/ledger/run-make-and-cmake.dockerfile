FROM gcc AS build
COPY . /src
RUN cmake -S /src -B /build -DCMAKE_INSTALL_PREFIX=/opt/x && cmake --build /build && cmake --install /build
WORKDIR /src
RUN ./configure --prefix=/opt/y
RUN make -j4 && make install DESTDIR=/stage
FROM alpine
COPY --from=build /opt/x/bin/a /build/b /src/c /stage/opt/y/bin/d /bin/
