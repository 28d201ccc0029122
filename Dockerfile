# Three steps: the front end, the server with it inside, and an image that holds nothing else.
ARG NODE=node:20-bookworm-slim
ARG GO=golang:1.27.4-bookworm

FROM ${NODE} AS web
WORKDIR /src/pb_public
COPY pb_public/package.json pb_public/package-lock.json pb_public/.npmrc ./
RUN npm ci --ignore-scripts
COPY pb_public ./
RUN npm run build

FROM ${GO} AS server
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
COPY --from=web /src/pb_public/dist pb_public/dist
RUN CGO_ENABLED=0 go build -trimpath -buildvcs=false -ldflags '-s -w' -o /out/bindeled . && mkdir /out/data

FROM scratch
COPY --from=server /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/
COPY --from=server /out/bindeled /bindeled
COPY --from=server --chown=65532:65532 /out/data /data
USER 65532:65532
VOLUME /data
EXPOSE 8090
HEALTHCHECK --interval=30s --timeout=5s --start-period=20s CMD ["/bindeled", "health"]
ENTRYPOINT ["/bindeled"]
CMD ["serve", "--http=0.0.0.0:8090", "--dir=/data"]
