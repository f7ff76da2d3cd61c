FROM scratch
COPY *.json conf.d /etc/
COPY no*.such /etc/
COPY --exclude=*.tmp conf.? /opt/conf
