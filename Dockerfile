# One static file in an empty image. The texts, the calendar's facts and the
# time zone data (time/tzdata) are linked into it, so the image carries nothing
# else but the certificates that calls to Slack and Matrix are checked against.
FROM golang:1.26-bookworm AS build
ARG VERSION=dev
ENV GOMODCACHE=/go/pkg/mod GOCACHE=/root/.cache/go-build
WORKDIR /src
COPY go.mod go.sum ./
RUN --mount=type=cache,target=/go/pkg/mod \
    go mod download
COPY . .
RUN --mount=type=cache,target=/go/pkg/mod --mount=type=cache,target=/root/.cache/go-build \
    mkdir -p /out/data && \
    CGO_ENABLED=0 go build -tags goolm -trimpath -ldflags "-s -w -X main.version=${VERSION}" -o /out/rapporteur .

FROM scratch
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/ca-certificates.crt
COPY --from=build --chown=65532:65532 /out/data /data
COPY --from=build /out/rapporteur /rapporteur
USER 65532:65532
WORKDIR /data
VOLUME /data
ENTRYPOINT ["/rapporteur"]
CMD ["serve"]
