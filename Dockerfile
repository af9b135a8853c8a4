# One image for every part: worker, deployer and Prefect's server. Another base is given by PYTHON_IMAGE.
ARG PYTHON_IMAGE=python:3.13-slim-bookworm

FROM ${PYTHON_IMAGE} AS build
WORKDIR /src
COPY requirements.lock ./
RUN python3 -m venv /opt/archive \
 && /opt/archive/bin/python -m pip install --no-cache-dir --no-deps --require-hashes -r requirements.lock
COPY pyproject.toml README.md LICENSE ./
COPY models ./models
COPY config ./config
COPY flows ./flows
RUN /opt/archive/bin/python -m pip install --no-cache-dir --no-deps --no-build-isolation .

FROM ${PYTHON_IMAGE}
LABEL org.opencontainers.image.title="climate-archive" \
      org.opencontainers.image.version="0.1.0"
COPY --from=build /opt/archive /opt/archive
# A number, not a name: a cluster can see that it is not root.
RUN mkdir /data && chown 10001:10001 /data
ENV PATH=/opt/archive/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    HOME=/data \
    CLIMATE_ARCHIVE_HOME=/data \
    PREFECT_HOME=/data/prefect \
    PREFECT_SERVER_ANALYTICS_ENABLED=false \
    DO_NOT_TRACK=1
USER 10001:10001
WORKDIR /data
CMD ["climate-archive", "serve"]
