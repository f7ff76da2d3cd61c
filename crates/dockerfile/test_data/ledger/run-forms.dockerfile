FROM alpine AS s
RUN ["touch", "/exec form"]
RUN ["/bin/bash", "-o", "pipefail", "-c", "touch /dash-c"]
SHELL ["/bin/bash", "-ec"]
RUN touch /with-shell
RUN bash -c 'cd /q && touch quoted'
RUN <<EOF
#!/usr/bin/env python3
open("/python", "w")
EOF
FROM scratch
COPY --from=s ["/exec form", "/dash-c", "/with-shell", "/q/quoted", "/python", "/"]
