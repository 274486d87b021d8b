# Scorecast in a container: a virtual environment made in one stage, and nothing but it in the next.
ARG PYTHON_IMAGE=python:3.13-slim

FROM ${PYTHON_IMAGE} AS build
WORKDIR /src
COPY requirements-core.lock requirements-build.lock ./
RUN python3 -m venv /opt/build \
 && python3 -m venv --without-pip /opt/scorecast \
 && /opt/build/bin/pip --python /opt/scorecast/bin/python install --no-cache-dir --require-hashes -r requirements-core.lock
COPY pyproject.toml README.md LICENSE ./
COPY app app
COPY model model
COPY scorecast scorecast
RUN /opt/build/bin/pip install --no-cache-dir --require-hashes -r requirements-build.lock \
 && /opt/build/bin/pip wheel --no-cache-dir --no-deps --no-build-isolation --wheel-dir /dist . \
 && /opt/build/bin/pip --python /opt/scorecast/bin/python install --no-deps --no-index /dist/*.whl \
 && find /opt/scorecast/lib -type d -name tests -prune -exec rm -r {} +

FROM ${PYTHON_IMAGE}
RUN groupadd --gid 10001 scorecast \
 && useradd --uid 10001 --gid scorecast --no-create-home --shell /usr/sbin/nologin scorecast \
 && install -d -o scorecast -g scorecast /data \
 && if python3 -m pip --version; then python3 -m pip uninstall --yes --root-user-action=ignore pip; fi
COPY --from=build /opt/scorecast /opt/scorecast
# The bill of materials, where `make sbom` has written one: a pattern may find nothing.
COPY LICENSE dist/scorecast.cdx.jso[n] /opt/scorecast/
# After all layers, so that another revision alone makes no new one.
ARG PYTHON_IMAGE
ARG REVISION=unknown
LABEL org.opencontainers.image.title="Scorecast" \
      org.opencontainers.image.description="Train and serve small neural networks on small numeric tables, over HTTP." \
      org.opencontainers.image.licenses="MIT" \
      org.opencontainers.image.version="0.2.0" \
      org.opencontainers.image.revision="${REVISION}" \
      org.opencontainers.image.base.name="${PYTHON_IMAGE}"
# Temporary files (sockets between the server and its training process) go to memory: it can be written
# even where the root is read-only, and what a killed container leaves there goes with it.
ENV PATH=/opt/scorecast/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    TMPDIR=/dev/shm \
    SCORECAST_HOST=0.0.0.0 \
    SCORECAST_STORE=/data
USER 10001:10001
WORKDIR /data
VOLUME /data
EXPOSE 8000
# Any answer but an error of the service's own says that it lives: it may want a key, or another name, of those who ask.
HEALTHCHECK --interval=10s --timeout=3s --start-period=10s \
    CMD ["python3", "-c", "import http.client, os, ssl; at = '127.0.0.1', int(os.environ.get('SCORECAST_PORT') or 8000); server = http.client.HTTPSConnection(*at, timeout=2, context=ssl._create_unverified_context()) if os.environ.get('SCORECAST_TLS_CERT') else http.client.HTTPConnection(*at, timeout=2); server.request('GET', '/livez'); raise SystemExit(server.getresponse().status >= 500)"]
ENTRYPOINT ["scorecast"]
CMD ["serve"]
