FROM alpine AS s
COPY a.txt /a.txt
RUN mkdir -p /d/e && touch /d/f && cp /a.txt /d/ && mv /a.txt /d/g && ln -s /d/g /h && install -Dm755 /d/f /usr/bin/f
RUN echo x | tee /i > /dev/null && echo y >> /j
FROM scratch
COPY --from=s /d/a.txt /d/g /h /usr/bin/f /i /j /
COPY --from=s /a.txt /gone
