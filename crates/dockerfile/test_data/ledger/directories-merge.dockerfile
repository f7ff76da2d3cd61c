FROM scratch AS s
COPY src/ /app
COPY lib/ /app
COPY one.txt /app/
FROM scratch
COPY --from=s /app /app
