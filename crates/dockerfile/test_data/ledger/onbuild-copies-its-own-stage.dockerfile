# A trigger may copy from the stage it runs in, as it is so far.
FROM alpine AS base
ONBUILD COPY --from=1 /etc /copy
ONBUILD COPY --from=1 / /all
FROM base
