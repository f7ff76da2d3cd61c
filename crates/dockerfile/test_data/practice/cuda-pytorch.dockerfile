# syntax=docker/dockerfile:1
ARG CUDA=12.6.3
FROM nvidia/cuda:${CUDA}-devel-ubuntu24.04 AS build
ENV DEBIAN_FRONTEND=noninteractive
RUN apt-get update && apt-get install -y --no-install-recommends \
        build-essential cmake git python3-dev python3-pip python3-venv \
    && rm -rf /var/lib/apt/lists/*
RUN python3 -m venv /opt/venv
ENV PATH=/opt/venv/bin:$PATH
COPY requirements.txt .
RUN --mount=type=cache,target=/root/.cache/pip \
    pip install torch==2.7.1 --index-url https://download.pytorch.org/whl/cu126 \
    && pip install -r requirements.txt
COPY kernels /src/kernels
ENV TORCH_CUDA_ARCH_LIST="8.0;8.6;9.0"
RUN pip install --no-build-isolation /src/kernels

FROM nvidia/cuda:${CUDA}-cudnn-runtime-ubuntu24.04
RUN apt-get update && apt-get install -y --no-install-recommends python3 \
    && rm -rf /var/lib/apt/lists/*
RUN useradd --create-home --uid 10001 model
COPY --from=build /opt/venv /opt/venv
ENV PATH=/opt/venv/bin:$PATH
WORKDIR /srv
COPY --chown=model:model serve/ serve/
USER model
EXPOSE 8000
ENTRYPOINT ["uvicorn", "serve.main:app", "--host", "0.0.0.0"]
