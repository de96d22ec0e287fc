#!/usr/bin/env bash
# Bundles Lit into the one file that the pages import, so that a user needs neither npm nor a build step.
# Run it after changing a version here, look at the difference, and commit concierge/web/static/vendor/lit.js.
set -euo pipefail

lit=3.3.3 lit_html=3.3.3 lit_element=4.2.2 reactive_element=2.1.2 esbuild=0.28.2

root=$(cd "$(dirname "$0")/.." && pwd)
out=$root/concierge/web/static/vendor/lit.js
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

npm init --yes >/dev/null
npm install --silent --no-audit --no-fund --save-exact --ignore-scripts \
  "lit@$lit" "lit-html@$lit_html" "lit-element@$lit_element" "@lit/reactive-element@$reactive_element" "esbuild@$esbuild"

cat >entry.js <<'JS'
export { LitElement, html, svg, css, nothing, unsafeCSS } from "lit";
export { repeat } from "lit/directives/repeat.js";
export { classMap } from "lit/directives/class-map.js";
export { live } from "lit/directives/live.js";
JS

{
  echo "/*!"
  echo " * Lit $lit, bundled by deploy/vendor-lit.sh (lit-html $lit_html, lit-element $lit_element, @lit/reactive-element $reactive_element)."
  echo " *"
  sed 's/^/ * /; s/ *$//' node_modules/lit/LICENSE
  echo " */"
  node_modules/.bin/esbuild entry.js --bundle --format=esm --minify --target=es2021 --legal-comments=none --log-level=warning
} >lit.js
mkdir -p "$(dirname "$out")"
mv lit.js "$out"
chmod 644 "$out"
echo "$out: $(wc -c <"$out") bytes"
