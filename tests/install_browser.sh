#!/bin/sh
# Chromium and a Chinese font, for the tests that open reports in a browser; LibreOffice, which calculates workbooks anew.
set -eu
if command -v chromium >/dev/null 2>&1 && command -v soffice >/dev/null 2>&1 && fc-list :lang=zh | grep -q .; then
  exit 0
fi
as_root=""
[ "$(id -u)" -eq 0 ] || as_root="sudo"
$as_root apt-get update -qq
$as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq chromium fonts-noto-cjk fontconfig libreoffice-calc-nogui
