# syntax=docker/dockerfile:1
# Two stages: what it takes to install stays in the first. A release pins each base by its digest, `IMAGE:TAG@sha256:…`,
# in the arguments here; everything else is pinned in uv.lock. The Python is the oldest that is supported: the tests run
# with it.

ARG PYTHON_IMAGE=docker.io/library/python:3.11-slim-trixie
ARG UV_IMAGE=ghcr.io/astral-sh/uv:0.13.9

FROM ${UV_IMAGE} AS uv
# Of a stage without an instruction of its own buildah 1.28 leaves a container behind.
LABEL stage="uv"

FROM ${PYTHON_IMAGE} AS build
COPY --from=uv /uv /usr/local/bin/uv
# The base's Python and no other; files of its own, not links into a cache; bytecode that depends on nothing but its
# source, so that the same lock file gives the same files.
ENV UV_PYTHON_DOWNLOADS=never \
    UV_LINK_MODE=copy \
    UV_NO_CACHE=1 \
    PYC_INVALIDATION_MODE=UNCHECKED_HASH \
    UV_PROJECT_ENVIRONMENT=/opt/oauthclient-operator
# Half of what would be installed is a second Kubernetes client, the synchronous one, which is never imported. Neither it
# nor what it alone needs goes into the image: docs/install.md says what that is, and tests/cluster/image that nobody misses it.
ENV LEFT_OUT="charset-normalizer durationpy oauthlib requests requests-oauthlib websocket-client"
WORKDIR /source
COPY pyproject.toml uv.lock README.md LICENSE ./
# First what changes seldom: this layer is made again only for another lock file.
RUN uv sync --locked --no-dev --extra operator --no-install-project $(printf ' --no-install-package=%s' $LEFT_OUT)
# Of the other client, too, nothing but its core is used: no class for a kind of object, and no test. What says that they
# are installed goes with them.
RUN cd /opt/oauthclient-operator/lib/python*/site-packages \
    && (cd kubernetes && rm -r client config dynamic informer leaderelection stream utils watch aio/client/api) \
    && find kubernetes/aio/client/models -name '*.py' ! -name __init__.py -delete \
    && find kubernetes/aio -name '*_test.py' -delete \
    && cd kubernetes-*.dist-info && mv RECORD RECORD.all \
    && while read -r line; do if [ -e "../${line%%,*}" ]; then echo "$line"; fi; done < RECORD.all > RECORD \
    && rm RECORD.all
COPY operator ./operator
# A link in the package leads there: `check` holds manifests to the definition that is installed.
COPY crds ./crds
# uv notes down when the project's file was changed; that goes again.
RUN uv sync --locked --no-dev --extra operator --no-editable --compile-bytecode $(printf ' --no-install-package=%s' $LEFT_OUT) \
    && cd /opt/oauthclient-operator/lib/python*/site-packages/oauthclient_operator-*.dist-info \
    && rm uv_cache.json \
    && sed --in-place /uv_cache.json/d RECORD
# What is in there, for those who look for what is vulnerable; without what would differ each time it is made.
RUN uv export --quiet --preview-features sbom-export --format cyclonedx1.5 --locked --no-dev --extra operator \
        $(printf ' --no-emit-package=%s' $LEFT_OUT) --output-file /opt/oauthclient-operator/sbom.cdx.json \
    && sed --in-place '/^ *"serialNumber":/d; /^ *"timestamp":/d' /opt/oauthclient-operator/sbom.cdx.json \
    && rm /opt/oauthclient-operator/.lock /opt/oauthclient-operator/.gitignore

FROM ${PYTHON_IMAGE}
COPY --from=build /opt/oauthclient-operator /opt/oauthclient-operator
# It has no home, writes no file, and needs no shell. A number, so that Kubernetes can tell that it is not root.
# The Kubernetes client looks for a home when it is imported, and not every runtime names one for a user without a name.
ENV HOME=/ \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1
USER 65532:65532
ENTRYPOINT ["/opt/oauthclient-operator/bin/oauthclient-operator"]
CMD ["run"]
# `make image` says both.
ARG VERSION=unknown
ARG REVISION=unknown
LABEL org.opencontainers.image.title="oauthclient-operator" \
      org.opencontainers.image.description="Registers OAuth clients and keeps their credentials in Secrets" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"
