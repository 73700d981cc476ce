#!/usr/bin/env bash
# Adds the Lightspeed sidecars to the Backstage Deployment and waits until the new pod runs.
# A strategic merge of the same patch changes nothing, so this is safe to run again.
set -euo pipefail

: "${NAMESPACE:?}" "${TARGET_SELECTOR:?}" "${PATCH_FILE:?}" "${ROLLOUT_TIMEOUT:?}"

found="$(oc get deployments -n "$NAMESPACE" -l "$TARGET_SELECTOR" -o name)"
mapfile -t deployments < <(printf '%s' "$found")

if [[ ${#deployments[@]} -ne 1 ]]; then
  echo "expected one Deployment with the labels $TARGET_SELECTOR in $NAMESPACE, found ${#deployments[@]}:" >&2
  printf '%s\n' "$found" >&2
  exit 1
fi

deployment="${deployments[0]}"
echo "patching $deployment in $NAMESPACE"
oc patch "$deployment" -n "$NAMESPACE" --type=strategic --patch-file="$PATCH_FILE"

echo "waiting for the rollout of $deployment"
oc rollout status "$deployment" -n "$NAMESPACE" --timeout="$ROLLOUT_TIMEOUT"
