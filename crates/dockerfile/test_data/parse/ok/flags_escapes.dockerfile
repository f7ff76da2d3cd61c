FROM alpine
COPY --chown=a\ b --chmod="7\"\5" x y
RUN --mount=type=bind\,x --network=none\
 true
