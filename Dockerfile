# syntax=docker/dockerfile:1
# Two stages: what it takes to install stays in the first. A release pins each base by its digest, `IMAGE:TAG@sha256:…`,
# in the arguments here; everything else is pinned in uv.lock. The Python is the oldest that is supported: the tests run
# with it.

ARG PYTHON_IMAGE=docker.io/library/python:3.11-slim-trixie
ARG UV_IMAGE=ghcr.io/astral-sh/uv:0.13.9

FROM ${UV_IMAGE} AS uv

FROM ${PYTHON_IMAGE} AS build
COPY --from=uv /uv /usr/local/bin/uv
# The base's Python and no other; files of its own, not links into a cache; bytecode that depends on nothing but its
# source, so that the same lock file gives the same files.
ENV UV_PYTHON_DOWNLOADS=never \
    UV_LINK_MODE=copy \
    UV_NO_CACHE=1 \
    PYC_INVALIDATION_MODE=UNCHECKED_HASH \
    UV_PROJECT_ENVIRONMENT=/opt/oauthclient-operator
WORKDIR /source
COPY pyproject.toml uv.lock README.md LICENSE ./
# First what changes seldom: this layer is made again only for another lock file.
RUN uv sync --locked --no-dev --extra operator --no-install-project
COPY operator ./operator
# A link in the package leads there: `check` holds manifests to the definition that is installed.
COPY crds ./crds
# uv notes down when the project's file was changed; that goes again.
RUN uv sync --locked --no-dev --extra operator --no-editable --compile-bytecode \
    && cd /opt/oauthclient-operator/lib/python*/site-packages/oauthclient_operator-*.dist-info \
    && rm uv_cache.json \
    && sed --in-place /uv_cache.json/d RECORD

FROM ${PYTHON_IMAGE}
COPY --from=build /opt/oauthclient-operator /opt/oauthclient-operator
# It has no home, writes no file, and needs no shell. A number, so that Kubernetes can tell that it is not root.
ENV PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1
USER 65532:65532
ENTRYPOINT ["/opt/oauthclient-operator/bin/oauthclient-operator"]
CMD ["run"]
LABEL org.opencontainers.image.title="oauthclient-operator" \
      org.opencontainers.image.licenses="Apache-2.0"
