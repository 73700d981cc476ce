{{/*
Named templates that a parent chart may call. In a parent, give them the values of this chart and the release:

  {{- $hub := dict "Values" (index .Values "redhat-developer-hub") "Release" .Release }}
  {{ include "redhat-developer-hub.host" $hub }}

  redhat-developer-hub.fullname            name of the Deployment, its container and the Service
  redhat-developer-hub.host                host under which the hub is reached
  redhat-developer-hub.baseUrl             the same as a URL, https unless route.tls.enabled is false
  redhat-developer-hub.serviceAccountName  account of the hub's pod
  redhat-developer-hub.appConfigName       ConfigMap that the parent renders; key app-config-from-configmap.yaml
  redhat-developer-hub.dynamicPluginsName  ConfigMap with dynamic-plugins.yaml
  redhat-developer-hub.authSecretName      Secret with backend-secret
  redhat-developer-hub.postgresql.fullname     name of the database's StatefulSet and Service
  redhat-developer-hub.postgresql.secretName   Secret with postgres-password
*/}}

{{- define "redhat-developer-hub.fullname" -}}
backstage-backend
{{- end }}

{{- define "redhat-developer-hub.host" -}}
{{- with .Values.route.host | default .Values.global.host -}}
{{- . -}}
{{- else -}}
{{- $label := printf "backstage-%s" .Release.Namespace | trunc 63 | trimSuffix "-" -}}
{{- printf "%s.%s" $label .Values.global.clusterRouterBase -}}
{{- end -}}
{{- end }}

{{- define "redhat-developer-hub.baseUrl" -}}
{{- printf "%s://%s" (ternary "https" "http" .Values.route.tls.enabled) (include "redhat-developer-hub.host" .) -}}
{{- end }}

{{- define "redhat-developer-hub.serviceAccountName" -}}
{{- $unnamed := ternary (include "redhat-developer-hub.fullname" .) "default" .Values.upstream.serviceAccount.create -}}
{{- .Values.upstream.serviceAccount.name | default $unnamed -}}
{{- end }}

{{- define "redhat-developer-hub.appConfigName" -}}
{{- printf "%s-developer-hub-app-config" .Release.Name -}}
{{- end }}

{{- define "redhat-developer-hub.dynamicPluginsName" -}}
{{- printf "%s-dynamic-plugins" .Release.Name -}}
{{- end }}

{{- define "redhat-developer-hub.authSecretName" -}}
{{- .Values.global.auth.backend.existingSecret | default "backstage-auth" -}}
{{- end }}

{{- define "redhat-developer-hub.postgresql.fullname" -}}
backstage-postgresql
{{- end }}

{{- define "redhat-developer-hub.postgresql.secretName" -}}
{{- .Values.upstream.postgresql.auth.existingSecret | default (include "redhat-developer-hub.postgresql.fullname" .) -}}
{{- end }}

{{/* Labels that never change, for the selectors of the two workloads. */}}
{{- define "redhat-developer-hub.selectorLabels" -}}
app.kubernetes.io/name: backstage
app.kubernetes.io/instance: {{ .Release.Name | quote }}
app.kubernetes.io/component: backstage
{{- end }}

{{- define "redhat-developer-hub.postgresql.selectorLabels" -}}
app.kubernetes.io/name: postgresql
app.kubernetes.io/instance: {{ .Release.Name | quote }}
app.kubernetes.io/component: database
{{- end }}

{{/* Labels of every object, next to a workload's own. */}}
{{- define "redhat-developer-hub.commonLabels" -}}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/part-of: developer-hub
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" | trunc 63 | trimSuffix "-" }}
{{- end }}

{{- define "redhat-developer-hub.labels" -}}
{{ include "redhat-developer-hub.selectorLabels" . }}
{{ include "redhat-developer-hub.commonLabels" . }}
{{- end }}

{{- define "redhat-developer-hub.postgresql.labels" -}}
{{ include "redhat-developer-hub.postgresql.selectorLabels" . }}
{{ include "redhat-developer-hub.commonLabels" . }}
{{- end }}

{{/* Reference of an image. Call with the image's values. */}}
{{- define "redhat-developer-hub.image" -}}
{{- $name := .repository -}}
{{- with .registry -}}{{- $name = printf "%s/%s" . $name -}}{{- end -}}
{{- if .digest -}}
{{- printf "%s@%s" $name .digest -}}
{{- else -}}
{{- printf "%s:%s" $name .tag -}}
{{- end -}}
{{- end }}

{{/* What the restricted pod security standard asks of a container. */}}
{{- define "redhat-developer-hub.containerSecurityContext" -}}
allowPrivilegeEscalation: false
capabilities:
  drop:
    - ALL
runAsNonRoot: true
seccompProfile:
  type: RuntimeDefault
{{- end }}

{{/* Variables of the backend that this chart knows the source of. */}}
{{- define "redhat-developer-hub.ownEnv" -}}
{{- if .Values.global.auth.backend.enabled }}
- name: BACKEND_SECRET
  valueFrom:
    secretKeyRef:
      name: {{ include "redhat-developer-hub.authSecretName" . | quote }}
      key: backend-secret
{{- end }}
{{- if .Values.upstream.postgresql.enabled }}
- name: POSTGRESQL_HOST
  value: {{ include "redhat-developer-hub.postgresql.fullname" . | quote }}
- name: POSTGRESQL_PORT
  value: "5432"
- name: POSTGRESQL_USER
  value: postgres
- name: POSTGRESQL_ADMIN_PASSWORD
  valueFrom:
    secretKeyRef:
      name: {{ include "redhat-developer-hub.postgresql.secretName" . | quote }}
      key: postgres-password
{{- end }}
{{- end }}

{{/* All variables of the backend; a name given in extraEnvVars stands only once, as given there. */}}
{{- define "redhat-developer-hub.env" -}}
{{- $extra := .Values.upstream.backstage.extraEnvVars -}}
{{- $given := list -}}
{{- range $extra }}{{- $given = append $given .name -}}{{- end -}}
{{- $env := list -}}
{{- range include "redhat-developer-hub.ownEnv" . | fromYamlArray -}}
{{- if not (has .name $given) }}{{- $env = append $env . -}}{{- end -}}
{{- end -}}
{{- toYaml (concat $env $extra) -}}
{{- end }}

{{/* The content of dynamic-plugins.yaml. */}}
{{- define "redhat-developer-hub.dynamicPlugins" -}}
{{- toYaml (dict "includes" .Values.global.dynamic.includes "plugins" .Values.global.dynamic.plugins) -}}
{{- end }}

{{/* Refuses what would only fail once the pod starts. */}}
{{- define "redhat-developer-hub.validate" -}}
{{- $backend := .Values.global.auth.backend -}}
{{- if and $backend.enabled (not $backend.existingSecret) (not $backend.value) -}}
{{- fail "global.auth.backend.value is empty: set it, or global.auth.backend.existingSecret" -}}
{{- end -}}
{{- $postgresql := .Values.upstream.postgresql -}}
{{- if and $postgresql.enabled (not $postgresql.auth.existingSecret) (not $postgresql.auth.password) -}}
{{- fail "upstream.postgresql.auth.password is empty: set it, or upstream.postgresql.auth.existingSecret" -}}
{{- end -}}
{{- $packages := list -}}
{{- range .Values.global.dynamic.plugins -}}
{{- if has .package $packages -}}
{{- fail (printf "global.dynamic.plugins lists the package %s twice, which the installer refuses" .package) -}}
{{- end -}}
{{- $packages = append $packages .package -}}
{{- end -}}
{{- /* Variables out of a ConfigMap or Secret cannot be seen from here, so those are trusted. */ -}}
{{- $backstage := .Values.upstream.backstage -}}
{{- if not (or $backstage.extraEnvVarsCM $backstage.extraEnvVarsSecrets) -}}
{{- $known := list -}}
{{- range include "redhat-developer-hub.env" . | fromYamlArray }}{{- $known = append $known .name -}}{{- end -}}
{{- $config := toJson $backstage.appConfig -}}
{{- $switches := dict "BACKEND_SECRET" "global.auth.backend.enabled" -}}
{{- range list "HOST" "PORT" "USER" "ADMIN_PASSWORD" -}}
{{- $_ := set $switches (printf "POSTGRESQL_%s" .) "upstream.postgresql.enabled" -}}
{{- end -}}
{{- range $name, $switch := $switches -}}
{{- if and (contains (printf "${%s}" $name) $config) (not (has $name $known)) -}}
{{- fail (printf "upstream.backstage.appConfig reads ${%s}, which nothing sets while %s is false: change appConfig, or set the variable in upstream.backstage.extraEnvVars" $name $switch) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- end }}
