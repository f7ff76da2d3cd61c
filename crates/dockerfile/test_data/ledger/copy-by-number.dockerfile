FROM alpine
RUN echo 1 > /one
FROM scratch
COPY --from=0 /one /two
