FROM alpine
COPY run.sh /run.sh
COPY src /app/src
RUN chmod +x /run.sh && chown -R app /app
RUN strip /run.sh; sed -i s/a/b/ /run.sh
