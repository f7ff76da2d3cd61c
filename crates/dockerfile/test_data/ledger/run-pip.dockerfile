FROM python:3.13 AS build
COPY requirements.txt .
RUN pip install --target=/deps -r requirements.txt
RUN pip install --no-cache-dir flask==3.0 gunicorn
RUN python -m venv /venv && /venv/bin/pip install -r requirements.txt
FROM python:3.13-slim
COPY --from=build /deps /deps
COPY --from=build /venv /venv
COPY --from=build /usr/local/lib/python3.13/site-packages /usr/local/lib/python3.13/site-packages
