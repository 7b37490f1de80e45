#!/usr/bin/env bash
# Installs, on Debian, the programs that some tests drive and that npm does not bring: promtool,
# strace, a NATS server, a node of Litecoin Core, libfaketime, and a generator of Python clients with what its code needs.
# Where they are missing, `npm test` skips those tests and says so.
set -eu

sudo=$([ "$(id -u)" -eq 0 ] || echo sudo)
missing=()
command -v promtool >/dev/null || missing+=(prometheus)
command -v strace >/dev/null || missing+=(strace)
command -v nats-server >/dev/null || missing+=(nats-server)
command -v litecoind >/dev/null || missing+=(litecoind)
compgen -G "/usr/lib/*/faketime/libfaketime.so.1" >/dev/null || missing+=(libfaketime)
command -v java >/dev/null || missing+=(default-jre-headless)
/usr/bin/python3 -c "import urllib3, dateutil, six, certifi" 2>/dev/null || missing+=(python3 python3-urllib3 python3-dateutil python3-six python3-certifi)
command -v openapi-generator >/dev/null ||
  $sudo npm install --silent --global @openapitools/openapi-generator-cli@1.0.18-5.0.0-beta2
command -v chromium >/dev/null || missing+=(chromium)
[ ${#missing[@]} -eq 0 ] && exit 0

if ! command -v apt-get >/dev/null; then
  echo "Please install: ${missing[*]}" >&2
  exit 1
fi
echo "Installing ${missing[*]} …"
$sudo apt-get update -qq
DEBIAN_FRONTEND=noninteractive $sudo apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
