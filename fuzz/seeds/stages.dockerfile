ARG TAG=1
FROM --platform=$BUILDPLATFORM alpine:${TAG:-2} AS base
ONBUILD COPY --from=tools /a /b
ONBUILD RUN --mount=type=bind,from=base,target=/x make
FROM base AS tools
ARG TAG
ENV A=${TAG%.*} B="$A ${A/x/y}" PATH=/x:$PATH
WORKDIR $A
COPY --link --chown=$A:1 --exclude=*.md ["src 1", "dst/"]
FROM tools
COPY --from=base --parents /a/./b /c
ADD --checksum=sha256:0 https://example.com/a.git#main:dir /d
RUN --mount=type=cache,id=$A,sharing=locked --mount=from=tools,src=/q,dst=/r <<-"EOF" <<B cat
	one $A
	EOF
two
B
HEALTHCHECK --interval=1m30s CMD ["a"]
