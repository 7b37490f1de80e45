#!/usr/bin/env bash
# Installs, on Debian, the programs that some tests drive and that npm does not bring: promtool,
# strace, a NATS server, a node of Litecoin Core and libfaketime.
# Where they are missing, `npm test` skips those tests and says so.
set -eu

missing=()
command -v promtool >/dev/null || missing+=(prometheus)
command -v strace >/dev/null || missing+=(strace)
command -v nats-server >/dev/null || missing+=(nats-server)
command -v litecoind >/dev/null || missing+=(litecoind)
compgen -G "/usr/lib/*/faketime/libfaketime.so.1" >/dev/null || missing+=(libfaketime)
[ ${#missing[@]} -eq 0 ] && exit 0

if ! command -v apt-get >/dev/null; then
  echo "Please install: ${missing[*]}" >&2
  exit 1
fi
sudo=$([ "$(id -u)" -eq 0 ] || echo sudo)
echo "Installing ${missing[*]} …"
$sudo apt-get update -qq
DEBIAN_FRONTEND=noninteractive $sudo apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
