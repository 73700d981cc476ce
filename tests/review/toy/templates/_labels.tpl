{{- define "toy.labels" -}}
app: {{ . }}
team: shop
{{- end }}
