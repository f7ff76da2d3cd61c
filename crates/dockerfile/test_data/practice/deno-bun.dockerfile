# syntax=docker/dockerfile:1

# The page is bundled by Bun, the server runs on Deno.
FROM oven/bun:1.2-alpine AS page
WORKDIR /page
COPY page/package.json page/bun.lock ./
RUN bun install --frozen-lockfile
COPY page/ ./
RUN bun run build

FROM denoland/deno:2.4.2 AS server
WORKDIR /app
COPY deno.json deno.lock ./
RUN deno install --frozen
COPY server/ server/
RUN deno cache --frozen server/main.ts

FROM denoland/deno:distroless-2.4.2
WORKDIR /app
COPY --from=server --chown=65532:65532 /deno-dir /deno-dir
COPY --from=server --chown=65532:65532 /app /app
COPY --from=page /page/dist /app/static
USER 65532
EXPOSE 8000
CMD ["run", "--allow-net", "--allow-read=/app/static", "--cached-only", "server/main.ts"]
