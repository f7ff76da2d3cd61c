FROM scratch
COPY src/ /app/src
COPY docs /app/
