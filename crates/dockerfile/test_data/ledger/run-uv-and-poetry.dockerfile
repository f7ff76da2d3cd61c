FROM python AS build
WORKDIR /app
ENV POETRY_VIRTUALENVS_IN_PROJECT=1
COPY pyproject.toml uv.lock ./
RUN uv sync --frozen
FROM build AS other
ENV UV_PROJECT_ENVIRONMENT=/env
RUN uv sync
RUN poetry install
FROM scratch
COPY --from=build /app/.venv /one
COPY --from=other /env /two
COPY --from=other /app/.venv /three
