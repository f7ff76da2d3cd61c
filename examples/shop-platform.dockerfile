# syntax=docker/dockerfile:1
# check=skip=InvalidDefinitionDescription

# One file for a whole shop: a TypeScript storefront, a Go API, a Python worker,
# their tests, a development image, and two images that ship (api and worker).
#
#   docker build --target api .
#   docker build --target worker .
#   docker build --target ci .
#   docker build --target dev .

ARG GO_VERSION=1.24
ARG NODE_VERSION=22
ARG PYTHON_VERSION=3.13
ARG DEBIAN=bookworm

# ---------------------------------------------------------------- storefront

FROM --platform=$BUILDPLATFORM node:${NODE_VERSION}-${DEBIAN}-slim AS web-deps
WORKDIR /web
COPY web/package.json web/package-lock.json ./
RUN --mount=type=cache,target=/root/.npm \
    npm ci --no-audit --no-fund

FROM web-deps AS web-test
COPY web/ ./
RUN npm run lint \
 && npm run test -- --coverage

FROM web-deps AS web-build
ARG PUBLIC_API_URL=/api
ENV NODE_ENV=production
COPY web/ ./
RUN npm run build

# ---------------------------------------------------------------- API

FROM --platform=$BUILDPLATFORM golang:${GO_VERSION}-${DEBIAN} AS go-deps
WORKDIR /src
COPY api/go.mod api/go.sum ./
RUN --mount=type=cache,target=/go/pkg/mod \
    go mod download

FROM go-deps AS api-test
COPY api/ ./
RUN --mount=type=cache,target=/go/pkg/mod \
    --mount=type=cache,target=/root/.cache/go-build \
    go vet ./... && go test -race ./...

FROM go-deps AS api-build
ARG TARGETOS
ARG TARGETARCH
ARG VERSION=dev
COPY api/ ./
# The storefront is compiled into the binary.
COPY --from=web-build /web/dist ./internal/assets/dist
RUN --mount=type=cache,target=/go/pkg/mod \
    --mount=type=cache,target=/root/.cache/go-build \
    CGO_ENABLED=0 GOOS=$TARGETOS GOARCH=$TARGETARCH \
    go build -trimpath -ldflags "-s -w -X main.version=${VERSION}" -o /out/shop-api ./cmd/api

# ---------------------------------------------------------------- worker

FROM python:${PYTHON_VERSION}-slim-${DEBIAN} AS py-base
ENV PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    VIRTUAL_ENV=/opt/venv
ENV PATH=$VIRTUAL_ENV/bin:$PATH

FROM py-base AS py-build
RUN apt-get update \
 && apt-get install -y --no-install-recommends build-essential libpq-dev \
 && rm -rf /var/lib/apt/lists/*
RUN python -m venv $VIRTUAL_ENV
WORKDIR /worker
COPY worker/requirements.txt ./
RUN --mount=type=cache,target=/root/.cache/pip \
    --mount=type=secret,id=pip-index,target=/root/.config/pip/pip.conf \
    pip install -r requirements.txt

FROM py-build AS worker-test
COPY worker/requirements-test.txt ./
RUN --mount=type=cache,target=/root/.cache/pip \
    pip install -r requirements-test.txt
COPY worker/ ./
RUN pytest -q

# ---------------------------------------------------------------- everything that must be green

FROM busybox:1.37 AS ci
WORKDIR /reports
COPY --from=web-test /web/coverage ./web
COPY --from=api-test /src/go.sum ./api/
COPY --from=worker-test /worker/pytest.ini ./worker/

# ---------------------------------------------------------------- development

FROM go-deps AS dev
COPY --from=web-deps /web/node_modules /web/node_modules
COPY --from=node:22-bookworm-slim /usr/local/bin/node /usr/local/bin/node
RUN go install github.com/air-verse/air@latest
VOLUME /src
EXPOSE 8080 5173
CMD ["air", "-c", ".air.toml"]

# ---------------------------------------------------------------- what ships

FROM py-base AS worker
RUN apt-get update \
 && apt-get install -y --no-install-recommends libpq5 tini \
 && rm -rf /var/lib/apt/lists/* \
 && useradd --system --uid 10001 worker
COPY --from=py-build --link $VIRTUAL_ENV $VIRTUAL_ENV
WORKDIR /worker
COPY --chown=worker:worker worker/src ./src
USER worker
HEALTHCHECK --interval=30s --timeout=3s CMD ["python", "-m", "src.health"]
ENTRYPOINT ["tini", "--"]
CMD ["python", "-m", "src.main"]

FROM alpine:3.22 AS api
RUN apk add --no-cache ca-certificates tzdata \
 && adduser -D -H -u 10002 shop
USER shop
COPY --from=api-build --link /out/shop-api /shop-api
COPY --link api/migrations /migrations
EXPOSE 8080
ENTRYPOINT ["/shop-api"]
CMD ["serve", "--migrations", "/migrations"]
