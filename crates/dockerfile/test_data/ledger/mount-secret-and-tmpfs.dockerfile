FROM alpine
RUN --mount=type=secret,id=key --mount=type=tmpfs,target=/scratch cp /run/secrets/key /run/secrets/copy && touch /scratch/x && touch /y
