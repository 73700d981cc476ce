{{/* Labels of an object's metadata. Call with "root", "name" and "component". */}}
{{- define "rhdh-helm.labels" -}}
{{ include "rhdh-helm.selectorLabels" . }}
app.kubernetes.io/part-of: developer-hub
app.kubernetes.io/managed-by: {{ .root.Release.Service | quote }}
helm.sh/chart: {{ printf "%s-%s" .root.Chart.Name .root.Chart.Version | replace "+" "_" | trunc 63 | trimSuffix "-" | quote }}
{{- end }}

{{/* Labels that never change, for selectors and pods. The name is never "backstage": that is the hub's pod. */}}
{{- define "rhdh-helm.selectorLabels" -}}
app.kubernetes.io/name: {{ .name | quote }}
app.kubernetes.io/instance: {{ .root.Release.Name | quote }}
app.kubernetes.io/component: {{ .component | quote }}
{{- end }}

{{/* Name of a cluster-scoped object, or of one in a foreign namespace. A namespace has no dot, so two releases
never share a name. Call with "root" and "name". */}}
{{- define "rhdh-helm.clusterName" -}}
{{ printf "%s.%s.%s" .root.Release.Name .root.Release.Namespace .name }}
{{- end }}

{{/* What the restricted pod security standard asks of a pod and of a container. No user or group: OpenShift
assigns them, and an image that asks for a fixed one would be refused. */}}
{{- define "rhdh-helm.podSecurityContext" -}}
runAsNonRoot: true
seccompProfile:
  type: RuntimeDefault
{{- end }}

{{- define "rhdh-helm.containerSecurityContext" -}}
allowPrivilegeEscalation: false
capabilities:
  drop:
    - ALL
runAsNonRoot: true
seccompProfile:
  type: RuntimeDefault
{{- end }}

{{/* Annotations that run a Job after each sync of Argo CD, and after each install or upgrade of helm. Argo CD
ignores helm's where it finds its own. A finished Job stays until the next one, so that its log can be read.
Call with the wave. */}}
{{- define "rhdh-helm.postSync" -}}
argocd.argoproj.io/hook: PostSync
argocd.argoproj.io/hook-delete-policy: BeforeHookCreation
argocd.argoproj.io/sync-wave: {{ . | quote }}
helm.sh/hook: post-install,post-upgrade
helm.sh/hook-delete-policy: before-hook-creation
helm.sh/hook-weight: {{ . | quote }}
{{- end }}

{{/* Annotations of what holds data: neither Argo CD nor helm deletes it when a switch is turned off. */}}
{{- define "rhdh-helm.keep" -}}
argocd.argoproj.io/compare-options: IgnoreExtraneous
argocd.argoproj.io/sync-options: Prune=false,Delete=false
helm.sh/resource-policy: keep
{{- end }}

{{/* The values of the subchart and the release, for the subchart's own named templates. */}}
{{- define "rhdh-helm.hubHost" -}}
{{ include "redhat-developer-hub.host" (dict "Values" (index .Values "redhat-developer-hub") "Release" .Release) }}
{{- end }}

{{- define "rhdh-helm.hubBaseUrl" -}}
{{ include "redhat-developer-hub.baseUrl" (dict "Values" (index .Values "redhat-developer-hub") "Release" .Release) }}
{{- end }}

{{- define "rhdh-helm.hubServiceAccountName" -}}
{{ include "redhat-developer-hub.serviceAccountName" (dict "Values" (index .Values "redhat-developer-hub") "Release" .Release) }}
{{- end }}

{{/* Address of the database. */}}
{{- define "rhdh-helm.postgresHost" -}}
{{ printf "lightspeed-postgres.%s.svc" .Values.lightspeed.postgres.namespace }}
{{- end }}

{{/* Where to connect and as whom: PGHOST and so on. */}}
{{- define "rhdh-helm.postgresEnv" -}}
- name: PGHOST
  value: {{ include "rhdh-helm.postgresHost" . | quote }}
- name: PGPORT
  value: "5432"
- name: PGUSER
  valueFrom:
    secretKeyRef:
      name: lightspeed-postgres-info
      key: user
- name: PGPASSWORD
  valueFrom:
    secretKeyRef:
      name: lightspeed-postgres-info
      key: password
- name: PGDATABASE
  valueFrom:
    secretKeyRef:
      name: lightspeed-postgres-info
      key: db-name
{{- end }}

{{/* Accounts that values name and the chart creates, each under its key, as YAML. */}}
{{- define "rhdh-helm.createdAccounts" -}}
{{- $accounts := dict -}}
{{- if (index .Values "redhat-developer-hub").upstream.serviceAccount.create -}}
{{- $_ := set $accounts "redhat-developer-hub.upstream.serviceAccount.name" (include "rhdh-helm.hubServiceAccountName" .) -}}
{{- end -}}
{{- $account := .Values.sidecars.serviceAccount -}}
{{- if and .Values.sidecars.enabled (not (has $account (values $accounts))) (ne $account "default") -}}
{{- $_ := set $accounts "sidecars.serviceAccount" $account -}}
{{- end -}}
{{- toYaml $accounts -}}
{{- end }}

{{/* Refuses, while Lightspeed is on, what would only fail in the cluster. All at once, each with its key. */}}
{{- define "rhdh-helm.validate" -}}
{{- $lightspeed := .Values.lightspeed -}}
{{- if $lightspeed.enabled -}}
{{- $refused := list -}}
{{- $required := dict
      "lightspeed.vllmUrl" $lightspeed.vllmUrl
      "lightspeed.validationModelName" $lightspeed.validationModelName
      "lightspeed.mcpToken" $lightspeed.mcpToken
      "lightspeed.postgres.password" $lightspeed.postgres.password -}}
{{- range $key, $value := $required -}}
{{- if not (trim $value) -}}
{{- $refused = append $refused (printf "%s must not be empty while lightspeed.enabled is true: set it, or a placeholder such as <path:name#key>" $key) -}}
{{- end -}}
{{- end -}}
{{- if eq $lightspeed.postgres.namespace .Release.Namespace -}}
{{- $refused = append $refused (printf "lightspeed.postgres.namespace must not be the release's own namespace (%s): choose another one" .Release.Namespace) -}}
{{- end -}}
{{- $backstage := (index .Values "redhat-developer-hub").upstream.backstage -}}
{{- $variables := list -}}
{{- range $backstage.extraEnvVars }}{{- $variables = append $variables .name -}}{{- end -}}
{{- if not (or (has "MCP_TOKEN" $variables) $backstage.extraEnvVarsCM $backstage.extraEnvVarsSecrets) -}}
{{- $refused = append $refused "redhat-developer-hub.upstream.backstage.extraEnvVars must set MCP_TOKEN while lightspeed.enabled is true: a list of your own replaces the default, so repeat its entry" -}}
{{- end -}}
{{- range $key, $account := include "rhdh-helm.createdAccounts" . | fromYaml -}}
{{- if regexMatch "lightspeed|llama-stack|mcp-token" $account -}}
{{- $refused = append $refused (printf "%s must not contain lightspeed, llama-stack or mcp-token (it is %s): the three secrets of Lightspeed are found by these words" $key $account) -}}
{{- end -}}
{{- if eq $account "rhdh-rhoai-bridge" -}}
{{- $refused = append $refused (printf "%s must not be rhdh-rhoai-bridge, the account of the model catalog: choose another one" $key) -}}
{{- end -}}
{{- end -}}
{{- if $refused -}}
{{- fail (join "\n" $refused) -}}
{{- end -}}
{{- end -}}
{{- end }}

{{/* Name under which the MCP server is known to lightspeed-core; the plugin lightspeed-backend sends its token
under the same name. */}}
{{- define "rhdh-helm.mcpServerName" -}}
mcp-integration-tools
{{- end }}

{{/* The content of lightspeed-stack.yaml, for the tag that values.yaml pins: it refuses keys that it does not
know. Only on 127.0.0.1, because nothing authenticates the callers; the hub calls from the same pod. */}}
{{- define "rhdh-helm.stackConfig" -}}
name: lightspeed-core-stack
service:
  host: 127.0.0.1
  port: 8080
  auth_enabled: false
  workers: 1
  color_log: false
  access_log: true
llama_stack:
  use_as_library_client: false
  url: http://localhost:8321
user_data_collection:
  feedback_enabled: true
  feedback_storage: /tmp/data/feedback
authentication:
  module: noop
# Not in PostgreSQL: it is opened at start, and the hub must come up without the assistant's database.
database:
  sqlite:
    db_path: /tmp/lightspeed-stack.db
conversation_cache:
{{- if .Values.lightspeed.postgres.enabled }}
  type: postgres
  postgres:
    host: ${env.PGHOST}
    port: 5432
    db: ${env.PGDATABASE}
    user: ${env.PGUSER}
    password: ${env.PGPASSWORD}
{{- else }}
  type: sqlite
  sqlite:
    db_path: /tmp/conversation-cache.db
{{- end }}
mcp_servers:
  - name: {{ include "rhdh-helm.mcpServerName" . }}
    provider_id: model-context-protocol
    url: http://localhost:7007/api/mcp-actions/v1
{{- end }}
