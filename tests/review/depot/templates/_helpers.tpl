{{- define "depot.name" -}}
{{ .Release.Name }}-depot
{{- end }}
{{- define "depot.labels" -}}
app.kubernetes.io/name: depot
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}
