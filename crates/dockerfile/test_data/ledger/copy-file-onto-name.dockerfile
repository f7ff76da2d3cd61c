FROM scratch
COPY config.yaml /etc/app.yaml
