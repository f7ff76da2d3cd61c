FROM alpine
COPY . /src
RUN rm -rf /src/sub && strip /src/app
